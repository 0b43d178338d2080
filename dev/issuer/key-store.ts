import type { Database } from 'bun:sqlite';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';

/** How many signing keys are published: the one in use, and older ones that may still be on somebody's token. */
const keysKept = 5;

/** The keys of the issuer, kept over restarts: tokens and cookies of before stay good. */
export type KeyStore = {
  /** Private signing keys, the one in use first; makes the first one. */
  signingKeys(): Promise<JWK[]>;
  /** Puts a new signing key in use; those before it stay published. */
  rotate(): Promise<void>;
  /** The secrets that sign the issuer's cookies. */
  cookieKeys(): string[];
};

/** Keeps the issuer's keys in its database. */
export function createKeyStore(database: Database): KeyStore {
  database.run(
    'CREATE TABLE IF NOT EXISTS signing_keys (position INTEGER PRIMARY KEY AUTOINCREMENT, jwk TEXT NOT NULL)',
  );
  database.run('CREATE TABLE IF NOT EXISTS cookie_keys (secret TEXT NOT NULL)');

  const listed = (): JWK[] =>
    database
      .query<{ jwk: string }, [number]>('SELECT jwk FROM signing_keys ORDER BY position DESC LIMIT ?')
      .all(keysKept)
      .map((row) => JSON.parse(row.jwk) as JWK);

  async function rotate(): Promise<void> {
    database.query('INSERT INTO signing_keys (jwk) VALUES (?)').run(JSON.stringify(await newSigningKey()));
    database
      .query(
        'DELETE FROM signing_keys WHERE position NOT IN (SELECT position FROM signing_keys ORDER BY position DESC LIMIT ?)',
      )
      .run(keysKept);
  }

  return {
    rotate,
    async signingKeys() {
      if (listed().length === 0) await rotate();
      return listed();
    },
    cookieKeys() {
      const kept = database.query<{ secret: string }, []>('SELECT secret FROM cookie_keys').all();
      if (kept.length > 0) return kept.map((row) => row.secret);
      const secret = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url');
      database.query('INSERT INTO cookie_keys (secret) VALUES (?)').run(secret);
      return [secret];
    },
  };
}

async function newSigningKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'ES256', use: 'sig' };
}
