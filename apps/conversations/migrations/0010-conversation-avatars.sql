-- Pictures that admins gave a conversation. `token` names the very picture in its address; it is drawn by lot, for whoever is no member sees the
-- picture only by it. It goes with its conversation, also where an instance of the version before erases that.
CREATE TABLE IF NOT EXISTS conversation_avatars (
  conversation_id uuid PRIMARY KEY REFERENCES conversations (id) ON DELETE CASCADE,
  type text NOT NULL,
  token text NOT NULL,
  bytes bytea NOT NULL,
  created_at timestamptz(3) NOT NULL
);
