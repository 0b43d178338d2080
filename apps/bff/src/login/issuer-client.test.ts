import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { silentLog } from '@chatapp/service/log';
import { type JWK, SignJWT } from 'jose';
import { createIssuerClient, LoginRefusedError } from './issuer-client.ts';

/** An issuer of our own that says what a test tells it: the real one never lies. */
const startRogue = async () => {
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const publicKey = { ...(await crypto.subtle.exportKey('jwk', keys.publicKey)), kid: 'k', alg: 'ES256' } as JWK;
  const clientKey = { ...(await crypto.subtle.exportKey('jwk', keys.privateKey)), kid: 'c', alg: 'ES256' } as JWK;
  let idToken = '';
  let named: string | undefined;
  const asked: URLSearchParams[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request): Promise<Response> {
      const { pathname } = new URL(request.url);
      if (pathname === '/jwks') return Response.json({ keys: [publicKey] });
      if (pathname !== '/token') return Response.json(metadata());
      asked.push(new URLSearchParams(await request.text()));
      return Response.json({
        access_token: 'at',
        token_type: 'Bearer',
        expires_in: 60,
        id_token: idToken,
        refresh_token: 'rt',
      });
    },
  });
  const issuer: string = `http://localhost:${server.port}`;
  const metadata = () => ({
    issuer: named ?? issuer,
    jwks_uri: `${issuer}/jwks`,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    id_token_signing_alg_values_supported: ['ES256'],
    authorization_response_iss_parameter_supported: true,
  });
  const sign = async (
    claims: Record<string, unknown>,
    header: Record<string, unknown> = {},
    key: CryptoKey = keys.privateKey,
  ) => {
    const now = Math.floor(Date.now() / 1000);
    return await new SignJWT({
      iss: issuer,
      aud: 'bff',
      sub: 'p-1',
      iat: now,
      exp: now + 60,
      nonce: 'nonce',
      ...claims,
    })
      .setProtectedHeader({ alg: 'ES256', kid: 'k', ...header })
      .sign(key);
  };
  return {
    issuer,
    clientKey,
    asked,
    sign,
    say: (token: string) => {
      idToken = token;
    },
    name: (other: string | undefined) => {
      named = other;
    },
    stop: () => server.stop(true),
  };
};

let rogue: Awaited<ReturnType<typeof startRogue>>;
beforeAll(async () => {
  rogue = await startRogue();
});
afterAll(() => rogue.stop());

const client = () =>
  createIssuerClient({
    issuer: rogue.issuer,
    clientId: 'bff',
    clientKey: async () => rogue.clientKey,
    redirectUri: 'http://localhost:3000/bff/callback',
    afterLogoutUri: 'http://localhost:3000/',
    apiAudience: 'urn:chatapp:api',
    fetch,
    now: Date.now,
    random: () => 0,
    log: silentLog(),
  });
const proof = { state: 'state', nonce: 'nonce', codeVerifier: 'v'.repeat(43) };
const answer = (more: Record<string, string> = {}) =>
  new URLSearchParams({ code: 'code', state: 'state', iss: rogue.issuer, ...more });
const other = () => crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);

describe('redeem', () => {
  it('takes a good ID token; the client signed for itself and proved the code its own', async () => {
    rogue.say(await rogue.sign({ name: 'Ann' }));
    const { claims, tokens } = await client().redeem(answer(), proof);
    expect(claims).toMatchObject({ sub: 'p-1', name: 'Ann' });
    expect(tokens).toMatchObject({ accessToken: 'at', refreshToken: 'rt' });
    const asked = rogue.asked.at(-1);
    expect(asked?.get('code_verifier')).toBe(proof.codeVerifier);
    expect(asked?.get('client_assertion_type')).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    expect(asked?.get('resource')).toBe('urn:chatapp:api');
    expect(asked?.has('client_secret')).toBe(false);
  });

  const now = () => Math.floor(Date.now() / 1000);
  const bad: Record<string, () => Promise<string>> = {
    'none at all': async () => '',
    garbage: async () => 'a.b.c',
    'no signature': async () =>
      `${btoa(JSON.stringify({ alg: 'none' }))}.${(await rogue.sign({})).split('.')[1]}.`.replaceAll('=', ''),
    'a signature by another key': async () => rogue.sign({}, {}, (await other()).privateKey),
    'an unknown key': () => rogue.sign({}, { kid: 'x' }),
    'another issuer': () => rogue.sign({ iss: 'https://evil.example' }),
    'another audience': () => rogue.sign({ aud: 'someone' }),
    'two audiences and no authorized party': () => rogue.sign({ aud: ['bff', 'someone'] }),
    'another authorized party': () => rogue.sign({ aud: ['bff', 'someone'], azp: 'someone' }),
    'another nonce': () => rogue.sign({ nonce: 'other' }),
    'no nonce': () => rogue.sign({ nonce: undefined }),
    'an end in the past': () => rogue.sign({ exp: now() - 60 }),
    'no end': () => rogue.sign({ exp: undefined }),
    'no subject': () => rogue.sign({ sub: undefined }),
    'an instant of issue in no form': () => rogue.sign({ iat: 'today' }),
  };
  it.each(Object.keys(bad))('refuses an ID token with %s', async (name) => {
    rogue.say((await bad[name]?.()) ?? '');
    await expect(client().redeem(answer(), proof)).rejects.toBeInstanceOf(LoginRefusedError);
  });

  it.each([{ state: 'other' }, { iss: 'https://evil.example' }, { error: 'access_denied' }] as Record<
    string,
    string
  >[])('refuses an answer with %j, and asks for no token', async (more) => {
    const before = rogue.asked.length;
    await expect(client().redeem(answer(more), proof)).rejects.toBeInstanceOf(LoginRefusedError);
    expect(rogue.asked).toHaveLength(before);
  });
});

describe('the metadata', () => {
  it('is refused from an issuer of another name, and asked for again the next time', async () => {
    const one = client();
    rogue.name('https://evil.example');
    await expect(one.authorizationUrl(proof)).rejects.toMatchObject({ code: 'unavailable' });
    rogue.name(undefined);
    const url = await one.authorizationUrl(proof);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      state: 'state',
      nonce: 'nonce',
      resource: 'urn:chatapp:api',
      audience: 'urn:chatapp:api',
    });
    expect(url.searchParams.get('code_challenge')).toMatch(/^[\w-]{43}$/);
  });
});
