-- Events, written in the transaction of the change that they tell. The ordinal is given under the lock of the subject's row
-- (a conversation or a user), so a subject's events become visible in order; no order among subjects is kept.
CREATE TABLE IF NOT EXISTS outbox (
  subject_id uuid NOT NULL,
  ordinal bigint NOT NULL,
  event_id uuid NOT NULL,
  event text NOT NULL,
  -- Hours since the epoch when it was relayed, null until then: an equality that hashes, where a timestamp would make a hot end.
  sent_hour integer,
  PRIMARY KEY (subject_id, ordinal)
);

CREATE INDEX IF NOT EXISTS outbox_unsent ON outbox (subject_id ASC, ordinal ASC) WHERE sent_hour IS NULL;

CREATE INDEX IF NOT EXISTS outbox_sent ON outbox (sent_hour, subject_id ASC, ordinal ASC) WHERE sent_hour IS NOT NULL;

-- Who does a work that one instance does at a time, until when, and how far it got.
CREATE TABLE IF NOT EXISTS leases (
  name text PRIMARY KEY,
  owner text NOT NULL,
  expires_at timestamptz NOT NULL,
  place text
);
