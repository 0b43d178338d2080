-- People whose accounts were deleted, until nothing that they wrote is left. `at`: of the deletion.
CREATE TABLE IF NOT EXISTS departures (
  user_id uuid NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (user_id)
);
-- Where a person ever was a member or wrote: each of these left a marker.
CREATE INDEX IF NOT EXISTS read_markers_by_user ON read_markers (user_id, conversation_id ASC);
