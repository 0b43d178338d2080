import { afterAll, describe, expect, it } from 'bun:test';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { testIssuer } from '../testing/issuer.ts';
import { CookieJar } from './cookie-jar.ts';
import { codeFlowTokens, refreshTokens } from './sign-in.ts';

const publicUrl = 'http://localhost:1';
const redirectUri = `${publicUrl}/bff/callback`;
const op = await testIssuer({ publicUrl });
afterAll(() => op.stop());

const request = { issuer: op.issuer, keyFile: op.keyFile('bff'), redirectUri };

async function verifies(token: string): Promise<boolean> {
  const keySet = createRemoteJWKSet(new URL(`${op.issuer}/jwks`));
  return jwtVerify(token, keySet, { issuer: op.issuer }).then(
    () => true,
    () => false,
  );
}

describe('restart', () => {
  it('keeps keys, sessions and refresh tokens over kill -9', async () => {
    const cookies = new CookieJar();
    const before = await codeFlowTokens({ ...request, login: 'ann', cookies });
    op.kill();
    await op.start();
    expect(await verifies(before.accessToken)).toBe(true);
    const after = await refreshTokens({ ...request, refreshToken: before.refreshToken });
    expect(await verifies(after.accessToken)).toBe(true);
    // The session is known: this login has no form to fill in, where `nobody` would be refused.
    expect(await codeFlowTokens({ ...request, login: 'nobody', cookies })).toHaveProperty('idToken');
    await expect(refreshTokens({ ...request, refreshToken: before.refreshToken })).rejects.toThrow('invalid_grant');
  });
});

describe('POST /test/rotate-keys', () => {
  it('signs with a new key and keeps the old one published', async () => {
    const before = await codeFlowTokens({ ...request, login: 'bob' });
    const keyBefore = before.accessToken.split('.')[0];
    expect((await fetch(`${op.issuer}/test/rotate-keys`, { method: 'POST' })).status).toBe(204);
    const after = await refreshTokens({ ...request, refreshToken: before.refreshToken });
    expect(after.accessToken.split('.')[0]).not.toBe(keyBefore);
    expect(await verifies(before.accessToken)).toBe(true);
    expect(await verifies(after.accessToken)).toBe(true);
  });

  it('is not there without TEST_CONTROLS', async () => {
    const plain = await testIssuer({ publicUrl, env: { TEST_CONTROLS: '' } });
    try {
      expect((await fetch(`${plain.issuer}/test/rotate-keys`, { method: 'POST' })).status).toBe(404);
    } finally {
      await plain.stop();
    }
  });
});
