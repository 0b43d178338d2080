CREATE TABLE IF NOT EXISTS invitations (
  id uuid PRIMARY KEY,
  conversation_id uuid NOT NULL REFERENCES conversations (id),
  kind text NOT NULL CHECK (kind IN ('person', 'email', 'link')),
  state text NOT NULL CHECK (state IN ('pending', 'accepted', 'declined', 'revoked', 'expired', 'used-up')),
  role text NOT NULL CHECK (role IN ('admin', 'member', 'viewer')),
  inviter_id uuid NOT NULL REFERENCES users (id),
  invitee_id uuid REFERENCES users (id),
  created_at timestamptz(3) NOT NULL,
  -- Null: never.
  expires_at timestamptz(3),
  -- When it left the state pending.
  settled_at timestamptz(3),
  uses_max integer,
  uses integer NOT NULL DEFAULT 0,
  CHECK ((kind = 'person') = (invitee_id IS NOT NULL))
);

-- One pending invitation of a person to a conversation, whoever sends it.
CREATE UNIQUE INDEX IF NOT EXISTS invitations_pending ON invitations (conversation_id, invitee_id ASC)
  WHERE state = 'pending' AND kind = 'person';

CREATE INDEX IF NOT EXISTS invitations_by_invitee ON invitations (invitee_id, created_at DESC, id DESC)
  WHERE state = 'pending';

CREATE INDEX IF NOT EXISTS invitations_by_conversation ON invitations (conversation_id, created_at DESC, id DESC);

-- The cool-down after a decline.
CREATE INDEX IF NOT EXISTS invitations_declined ON invitations (invitee_id, conversation_id ASC, inviter_id ASC, settled_at DESC)
  WHERE state = 'declined';
