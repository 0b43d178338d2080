-- The directory: everybody who ever signed in. The id is derived from the token (UUIDv5), never given by us.
CREATE TABLE IF NOT EXISTS users (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  name_folded text NOT NULL,
  -- What a person set themselves stays when they sign in again with another claim.
  name_is_own boolean NOT NULL DEFAULT false,
  email text,
  email_folded text,
  email_verified boolean NOT NULL,
  avatar_url text,
  avatar_is_own boolean NOT NULL DEFAULT false,
  event_count bigint NOT NULL DEFAULT 0,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL
);

-- Only a verified address finds its owner: anybody can claim another.
CREATE INDEX IF NOT EXISTS users_by_email ON users (email_folded) WHERE email_verified;

-- Each word of a folded name once, so that a prefix of any word is a range of this index. "C": bytes, hence usable for prefixes.
CREATE TABLE IF NOT EXISTS user_words (
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  word text COLLATE "C" NOT NULL,
  PRIMARY KEY (user_id, word)
);

CREATE INDEX IF NOT EXISTS user_words_by_word ON user_words (word ASC, user_id ASC);
