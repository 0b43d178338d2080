-- Who may not come back to a conversation.
CREATE TABLE IF NOT EXISTS bans (
  conversation_id uuid NOT NULL REFERENCES conversations (id),
  user_id uuid NOT NULL REFERENCES users (id),
  banned_by uuid NOT NULL REFERENCES users (id),
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (conversation_id, user_id)
);

CREATE INDEX IF NOT EXISTS bans_by_time ON bans (conversation_id, created_at DESC, user_id DESC);

CREATE INDEX IF NOT EXISTS bans_by_user ON bans (user_id, conversation_id ASC);

-- Whose invitations do not reach a person.
CREATE TABLE IF NOT EXISTS blocks (
  user_id uuid NOT NULL REFERENCES users (id),
  blocked_id uuid NOT NULL REFERENCES users (id),
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (user_id, blocked_id)
);

CREATE INDEX IF NOT EXISTS blocks_by_time ON blocks (user_id, created_at DESC, blocked_id DESC);

-- Who asks to be let in. An accepted request is a member, so its row goes; a declined one stays for the cool-down.
CREATE TABLE IF NOT EXISTS join_requests (
  conversation_id uuid NOT NULL REFERENCES conversations (id),
  user_id uuid NOT NULL REFERENCES users (id),
  state text NOT NULL CHECK (state IN ('pending', 'declined')),
  created_at timestamptz(3) NOT NULL,
  settled_at timestamptz(3),
  PRIMARY KEY (conversation_id, user_id)
);

CREATE INDEX IF NOT EXISTS join_requests_pending ON join_requests (conversation_id, created_at ASC, user_id ASC)
  WHERE state = 'pending';

CREATE INDEX IF NOT EXISTS join_requests_by_user ON join_requests (user_id, conversation_id ASC);
