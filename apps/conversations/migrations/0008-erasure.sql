-- Conversations that are in their period of grace: few, so all of them are looked through.
CREATE INDEX IF NOT EXISTS conversations_deleted ON conversations (id ASC) WHERE deleted_at IS NOT NULL;

-- A deleted person keeps the id and the number of their last event, so that the next one has a higher number; everything else is gone.
-- `is_leaving`: their memberships and invitations are still being taken away.
ALTER TABLE users
  ADD COLUMN IF NOT EXISTS deleted_at timestamptz(3),
  ADD COLUMN IF NOT EXISTS is_leaving boolean NOT NULL DEFAULT false;

CREATE INDEX IF NOT EXISTS users_leaving ON users (id ASC) WHERE is_leaving;

-- Pictures that people gave us themselves. `hash` is part of their address, which can be cached for ever.
CREATE TABLE IF NOT EXISTS avatars (
  user_id uuid PRIMARY KEY REFERENCES users (id),
  type text NOT NULL,
  hash text NOT NULL,
  bytes bytea NOT NULL,
  created_at timestamptz(3) NOT NULL
);
