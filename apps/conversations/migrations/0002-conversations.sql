-- Every change of a conversation locks its row first: that serialises its versions and the order of its events.
CREATE TABLE IF NOT EXISTS conversations (
  id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('group', 'direct')),
  name text NOT NULL,
  topic text,
  avatar_url text,
  version bigint NOT NULL,
  event_count bigint NOT NULL,
  member_count integer NOT NULL CHECK (member_count >= 0),
  members_may_invite boolean NOT NULL DEFAULT false,
  joinable boolean NOT NULL DEFAULT false,
  receipts boolean NOT NULL DEFAULT true,
  -- The pair of a direct conversation, the lesser id first; null in a group.
  direct_low uuid,
  direct_high uuid,
  created_by uuid NOT NULL,
  created_at timestamptz(3) NOT NULL,
  last_activity_at timestamptz(3) NOT NULL,
  archived_at timestamptz(3),
  deleted_at timestamptz(3),
  CHECK ((kind = 'direct') = (direct_low IS NOT NULL)),
  CHECK ((direct_low IS NULL) = (direct_high IS NULL)),
  CHECK (direct_low < direct_high)
);

CREATE UNIQUE INDEX IF NOT EXISTS conversations_by_pair ON conversations (direct_low, direct_high ASC)
  WHERE direct_low IS NOT NULL;

CREATE TABLE IF NOT EXISTS members (
  conversation_id uuid NOT NULL REFERENCES conversations (id),
  user_id uuid NOT NULL REFERENCES users (id),
  role text NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'viewer')),
  joined_at timestamptz(3) NOT NULL,
  muted boolean NOT NULL DEFAULT false,
  notify text NOT NULL DEFAULT 'all' CHECK (notify IN ('all', 'mentions', 'none')),
  pinned boolean NOT NULL DEFAULT false,
  PRIMARY KEY (conversation_id, user_id)
);

CREATE INDEX IF NOT EXISTS members_by_user ON members (user_id, conversation_id ASC);

CREATE INDEX IF NOT EXISTS members_by_joining ON members (conversation_id, joined_at ASC, user_id ASC);
