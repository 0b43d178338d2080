-- Conversations whose messages are being erased; a row goes when nothing of it is left.
CREATE TABLE IF NOT EXISTS erasures (
  conversation_id uuid NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (conversation_id)
);
