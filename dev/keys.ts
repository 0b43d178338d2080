import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';

/** The clients that the embedded issuer knows; each signs its `private_key_jwt` with a key of its own. */
export const clientIds = ['bff', 'conversations', 'messages', 'realtime', 'bot'] as const;

/** Where the private JWK of a client is kept. */
export const keyFileOf = (keysDir: string, clientId: string): string => join(keysDir, `${clientId}.jwk.json`);

/** Makes the key file (private JWK, ES256, with `kid`, mode 0600) of each client that has none; files that exist stay. */
export async function ensureClientKeys(keysDir: string, ids: readonly string[] = clientIds): Promise<void> {
  await mkdir(keysDir, { recursive: true, mode: 0o700 });
  await Promise.all(ids.map((id) => ensureKeyFile(keyFileOf(keysDir, id))));
}

/** The public half (`kid`, `alg`, `use` and the point) of a client's key, as the issuer registers it. */
export async function readPublicKey(keysDir: string, clientId: string): Promise<JWK> {
  const { d: _private, ...publicHalf } = JSON.parse(await readFile(keyFileOf(keysDir, clientId), 'utf8')) as JWK;
  return publicHalf;
}

async function ensureKeyFile(file: string): Promise<void> {
  if (await Bun.file(file).exists()) return;
  const draft = `${file}.${process.pid}.${crypto.randomUUID()}`;
  await writeFile(draft, `${JSON.stringify(await newPrivateKey(), null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  try {
    // A hard link never replaces: of two processes that start at once the first one's key is the key of both.
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function newPrivateKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'ES256', use: 'sig' };
}
