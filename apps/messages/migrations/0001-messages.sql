-- The subset that YugabyteDB and PostgreSQL 15 share: the first column of a key is Yugabyte's hash, the others ascend.

-- The place of each conversation: the last seq and the last rev that were given. Its row is the lock of all changes to it.
CREATE TABLE IF NOT EXISTS heads (
  conversation_id uuid NOT NULL,
  head_seq bigint NOT NULL,
  head_rev bigint NOT NULL,
  PRIMARY KEY (conversation_id)
);

-- `created_rev` never changes and grows with seq; `rev` is that of the last change; `reacted` says that there may be reactions to look for.
CREATE TABLE IF NOT EXISTS messages (
  conversation_id uuid NOT NULL,
  seq bigint NOT NULL,
  rev bigint NOT NULL,
  created_rev bigint NOT NULL,
  reply_to bigint,
  id uuid NOT NULL,
  sender_id uuid NOT NULL,
  client_id uuid NOT NULL,
  created_at timestamptz NOT NULL,
  edited_at timestamptz,
  deleted_at timestamptz,
  changed boolean NOT NULL,
  reacted boolean NOT NULL,
  kind text NOT NULL,
  body text NOT NULL,
  system jsonb,
  PRIMARY KEY (conversation_id, seq)
);

-- A retry of a send finds its message here, and a second writer cannot save it twice.
CREATE UNIQUE INDEX IF NOT EXISTS messages_by_client_id ON messages (conversation_id, sender_id ASC, client_id ASC);

-- `changes` by rev: a message that was never changed is found by its seq, so only the changed ones pay for an index.
CREATE INDEX IF NOT EXISTS messages_changed ON messages (conversation_id, rev ASC) WHERE changed;

-- `rev` of the change that set it orders the people of an emoji; `first_rev`, of the first of them ever since it stands there, the emoji.
CREATE TABLE IF NOT EXISTS reactions (
  conversation_id uuid NOT NULL,
  seq bigint NOT NULL,
  emoji text NOT NULL,
  user_id uuid NOT NULL,
  rev bigint NOT NULL,
  first_rev bigint NOT NULL,
  PRIMARY KEY (conversation_id, seq, emoji, user_id)
);

-- Mentions by others of messages that are not deleted, for counting; the message's own list is read from its body.
CREATE TABLE IF NOT EXISTS mentions (
  conversation_id uuid NOT NULL,
  user_id uuid NOT NULL,
  seq bigint NOT NULL,
  PRIMARY KEY (conversation_id, user_id, seq)
);

CREATE TABLE IF NOT EXISTS read_markers (
  conversation_id uuid NOT NULL,
  user_id uuid NOT NULL,
  seq bigint NOT NULL,
  marked_unread boolean NOT NULL,
  PRIMARY KEY (conversation_id, user_id)
);

-- Every command but a saved send, every bus event and every final refusal, for seven days: what was done is not done again.
CREATE TABLE IF NOT EXISTS applied (
  conversation_id uuid NOT NULL,
  actor_id uuid NOT NULL,
  client_id uuid NOT NULL,
  rev bigint,
  code text,
  shard integer NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (conversation_id, actor_id, client_id)
);

CREATE INDEX IF NOT EXISTS applied_by_age ON applied (shard, at ASC);

-- The conversation's version at which a person last lost a right; commands from before it are refused.
CREATE TABLE IF NOT EXISTS losses (
  conversation_id uuid NOT NULL,
  user_id uuid NOT NULL,
  version bigint NOT NULL,
  PRIMARY KEY (conversation_id, user_id)
);

-- `shards`: SHARDS of the first start. `events-place`: the last entry of the event stream whose effects are in this database.
CREATE TABLE IF NOT EXISTS meta (
  key text NOT NULL,
  value text NOT NULL,
  PRIMARY KEY (key)
);
