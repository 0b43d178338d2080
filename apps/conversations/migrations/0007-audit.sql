-- Who did what to whom in a conversation: ids and words, no names, no addresses. `ordinal` is that of the event, where there is one.
CREATE TABLE IF NOT EXISTS audit (
  conversation_id uuid NOT NULL,
  ordinal bigint NOT NULL,
  event_id uuid NOT NULL,
  act text NOT NULL,
  actor_id uuid,
  subject_id uuid,
  details text NOT NULL,
  at timestamptz(3) NOT NULL,
  PRIMARY KEY (conversation_id, ordinal)
);

CREATE INDEX IF NOT EXISTS audit_by_actor ON audit (actor_id, conversation_id ASC, ordinal ASC) WHERE actor_id IS NOT NULL;
