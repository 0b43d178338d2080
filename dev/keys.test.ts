import { afterEach, describe, expect, it } from 'bun:test';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importJWK, jwtVerify, SignJWT } from 'jose';
import { ensureClientKeys, keyFileOf, readPublicKey } from './keys.ts';

describe('ensureClientKeys', () => {
  const folders: string[] = [];
  const keysDir = async (): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'chatapp-keys-'));
    folders.push(folder);
    return join(folder, 'keys');
  };
  afterEach(async () => {
    await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
  });

  it('makes a private key that only the owner may read and whose public half verifies its signature', async () => {
    const dir = await keysDir();
    await ensureClientKeys(dir, ['bff']);
    const file = keyFileOf(dir, 'bff');
    const key = JSON.parse(await readFile(file, 'utf8'));
    const publicHalf = await readPublicKey(dir, 'bff');

    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(publicHalf).not.toHaveProperty('d');
    expect(publicHalf.kid).toBe(key.kid);
    const jwt = await new SignJWT({}).setProtectedHeader({ alg: 'ES256' }).sign(await importJWK(key));
    expect(await jwtVerify(jwt, await importJWK(publicHalf))).toBeDefined();
  });

  it('keeps the key that is there, also when many start at once', async () => {
    const dir = await keysDir();
    await Promise.all(Array.from({ length: 8 }, () => ensureClientKeys(dir, ['bff'])));
    const first = await readFile(keyFileOf(dir, 'bff'), 'utf8');
    await ensureClientKeys(dir, ['bff']);
    expect(await readFile(keyFileOf(dir, 'bff'), 'utf8')).toBe(first);
  });
});
