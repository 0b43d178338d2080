-- Of who is no member any more: receipts leave them out, the place that they had read to stays.
ALTER TABLE read_markers ADD COLUMN IF NOT EXISTS gone boolean NOT NULL DEFAULT false;
