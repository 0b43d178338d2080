-- What the version before 0006 wrote while it ran beside its successor has no hour to be found by; the sweeper gives it one. Nearly always empty.
CREATE INDEX IF NOT EXISTS invitations_without_hour ON invitations (id ASC)
  WHERE state = 'pending' AND expires_at IS NOT NULL AND expires_hour IS NULL;
