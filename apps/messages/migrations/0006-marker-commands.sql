-- The command that moved or flagged a marker last: where it is saved again, after a push that was lost, its push is repeated.
ALTER TABLE read_markers ADD COLUMN IF NOT EXISTS client_id uuid;
