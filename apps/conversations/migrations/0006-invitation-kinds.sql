-- Invitations to an address and by link. `expires_hour` is the hour since the epoch in which it ends: an equality that hashes, by which
-- the sweeper finds what is over. `mail_due_at`: when the mail is to be sent, or sent again; null when there is none to send.
ALTER TABLE invitations
  ADD COLUMN IF NOT EXISTS email text,
  ADD COLUMN IF NOT EXISTS email_folded text,
  ADD COLUMN IF NOT EXISTS expires_hour integer,
  ADD COLUMN IF NOT EXISTS mail_due_at timestamptz(3),
  ADD COLUMN IF NOT EXISTS mail_attempts integer NOT NULL DEFAULT 0;

UPDATE invitations SET expires_hour = floor(extract(epoch FROM expires_at) / 3600)
  WHERE state = 'pending' AND expires_at IS NOT NULL AND expires_hour IS NULL;

CREATE INDEX IF NOT EXISTS invitations_expiring ON invitations (expires_hour, id ASC)
  WHERE state = 'pending' AND expires_hour IS NOT NULL;

CREATE UNIQUE INDEX IF NOT EXISTS invitations_pending_email ON invitations (conversation_id, email_folded ASC)
  WHERE state = 'pending' AND kind = 'email';

CREATE INDEX IF NOT EXISTS invitations_declined_email ON invitations (email_folded, conversation_id ASC, inviter_id ASC, settled_at DESC)
  WHERE state = 'declined' AND kind = 'email';

-- What a person sent: the limit an hour, their links, their export.
CREATE INDEX IF NOT EXISTS invitations_by_inviter ON invitations (inviter_id, created_at DESC, id DESC);

-- What a person got, whatever became of it.
CREATE INDEX IF NOT EXISTS invitations_to ON invitations (invitee_id, created_at DESC, id DESC)
  WHERE invitee_id IS NOT NULL;

CREATE INDEX IF NOT EXISTS invitations_unmailed ON invitations (id ASC) WHERE mail_due_at IS NOT NULL;

-- Secrets of links and e-mails, as SHA-256: who reads this table redeems nothing. A mail that is sent again has another one.
CREATE TABLE IF NOT EXISTS invitation_tokens (
  hash text PRIMARY KEY,
  invitation_id uuid NOT NULL REFERENCES invitations (id) ON DELETE CASCADE
);

CREATE INDEX IF NOT EXISTS invitation_tokens_by_invitation ON invitation_tokens (invitation_id);

-- Who came by which link: a second click costs no use.
CREATE TABLE IF NOT EXISTS redemptions (
  invitation_id uuid NOT NULL REFERENCES invitations (id) ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES users (id),
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (invitation_id, user_id)
);

CREATE INDEX IF NOT EXISTS redemptions_by_user ON redemptions (user_id, invitation_id ASC);
