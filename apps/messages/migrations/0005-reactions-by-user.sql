-- What a person reacted with, for their export, page by page.
CREATE INDEX IF NOT EXISTS reactions_by_user ON reactions (user_id, conversation_id ASC, seq ASC, emoji ASC);
