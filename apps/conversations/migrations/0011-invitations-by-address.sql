-- Whose account is deleted, the invitations to their address go with it, whatever became of them.
CREATE INDEX IF NOT EXISTS invitations_by_address ON invitations (email_folded, id ASC) WHERE email_folded IS NOT NULL;
