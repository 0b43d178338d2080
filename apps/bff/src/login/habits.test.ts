import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { SignedInUser } from '@chatapp/contract/http-bff';
import { apiAudience } from '@chatapp/contract/scopes';
import { createTokenVerifier } from '@chatapp/service/token-verifier';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { signInByForms } from '../../../../dev/issuer/sign-in.ts';
import { tokenRequest } from '../../../../dev/issuer/token-request.ts';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { type Browser, type Stand, startStand } from '../../testing/harness.ts';

/** The access token that the services behind see. */
const tokenSent = async (stand: Stand, browser: Browser): Promise<string> => {
  stand.mirror.clear();
  const { status } = await browser.call('GET', '/api/conversations/conversations');
  expect(status).toBe(200);
  return stand.mirror.seen.at(-1)?.headers.authorization?.slice(7) ?? '';
};

/** As a service that is told of the issuer's `typ` judges the token. */
const judged = async (stand: Stand, token: string, typ: string): Promise<string> =>
  await createTokenVerifier({
    ...{ issuer: stand.issuer.issuer, issuerAlias: 'local', audiences: [apiAudience], typ, fetch, now: Date.now },
  })(token).then(
    ({ kind, clientId }) => `${kind} by ${clientId}`,
    (error) => error.code,
  );

/** A sign-in up to the issuer's answer, and what becomes of that answer. */
const answerOf = async (stand: Stand) => {
  const { finalUrl, cookies } = await signInByForms({
    ...{ startUrl: `${stand.url}/bff/login`, login: 'ann', password: 'ann' },
    stopAt: ({ pathname }) => pathname === '/bff/callback',
  });
  const send = (url: URL) => fetch(url, { redirect: 'manual', headers: { cookie: cookies.header(url) } });
  return { answer: new URL(finalUrl), send };
};

const refreshTokenOf = async (stand: Stand, browser: Browser): Promise<string> => {
  const secret = browser.cookies.get(`__Host-Http-session-${new URL(stand.url).port}`);
  return (await stand.first.bff.sessions.find(secret))?.session.tokens.refreshToken ?? '';
};
const logoutUrlOf = async (browser: Browser): Promise<string> =>
  ((await (await browser.call('GET', '/bff/user')).json()) as SignedInUser).logoutUrl;
const discovered = async (stand: Stand): Promise<Record<string, unknown>> =>
  (await (await fetch(`${stand.issuer.issuer}/.well-known/openid-configuration`)).json()) as Record<string, unknown>;

describe('habit: Auth0', () => {
  let stand: Stand;
  let offsetMs = 0;
  beforeAll(async () => {
    stand = await startStand({
      env: { OIDC_AUDIENCE_PARAMETER: 'audience', OIDC_ACCESS_TOKEN_TYP: 'JWT' },
      issuerEnv: { ISSUER_HABITS: 'auth0' },
      now: () => Date.now() + offsetMs,
    });
  }, 60_000);
  afterAll(() => stand.stop());

  it('habit: Auth0 takes `audience` for RFC 8707’s `resource`, names itself with a slash and another audience beside ours', async () => {
    const token = await tokenSent(stand, await stand.signIn('ann'));
    const issuer = `${stand.issuer.issuer}/`;
    expect(decodeJwt(token)).toMatchObject({ iss: issuer, aud: [apiAudience, `${issuer}userinfo`], azp: 'bff' });
    expect(decodeProtectedHeader(token).typ).toBe('JWT');
    expect([await judged(stand, token, 'JWT'), await judged(stand, token, 'at+jwt')]).toEqual([
      'user by bff',
      'token-invalid',
    ]);
  });

  it('habit: Auth0 gives a token that no service can read to who sends `resource` alone, and a good one to who sends both', async () => {
    for (const [how, found] of [
      ['resource', 'token-invalid'],
      ['both', 'user by bff'],
    ] as const) {
      const instance = await stand.another({ OIDC_AUDIENCE_PARAMETER: how });
      const bob = await stand.signIn('bob', { at: instance.url });
      expect([how, await judged(stand, await tokenSent(stand, bob), 'JWT')]).toEqual([how, found]);
    }
  });

  it('habit: Auth0 answers a sign-in without `iss`', async () => {
    const { answer, send } = await answerOf(stand);
    expect([...answer.searchParams.keys()].sort()).toEqual(['code', 'state']);
    expect((await send(answer)).status).toBe(303);
  });

  it('habit: Auth0 rotates refresh tokens', async () => {
    const ann = await stand.signIn('ann');
    const [token, refreshToken] = [await tokenSent(stand, ann), await refreshTokenOf(stand, ann)];
    offsetMs = 301_000;
    const renewed = await tokenSent(stand, ann);
    offsetMs = 0;
    expect(renewed).not.toBe(token);
    expect(await judged(stand, renewed, 'JWT')).toBe('user by bff');
    expect([refreshToken === '', (await refreshTokenOf(stand, ann)) === refreshToken]).toEqual([false, false]);
  });

  it('habit: Auth0 names no page for signing out in an older tenant: here it ends, there where a page is set', async () => {
    expect(await discovered(stand)).not.toHaveProperty('end_session_endpoint');
    const page = 'http://localhost:9/v2/logout?client_id=bff&returnTo=https%3A%2F%2Fchat.example.org';
    const told = await stand.another({ OIDC_END_SESSION_URL: page });
    for (const [at, target] of [
      [stand.url, `${stand.url}/`],
      [told.url, page],
    ] as const) {
      const ann = await stand.signIn('ann');
      const { status, headers } = await ann.call('GET', await logoutUrlOf(ann), { at });
      expect([status, headers.get('location')]).toEqual([303, target]);
      expect((await ann.call('GET', '/bff/user')).status).toBe(401);
    }
  });

  it('habit: Auth0 has no back-channel logout on some plans: who was signed out there is signed out at the next renewal', async () => {
    expect(await discovered(stand)).not.toHaveProperty('backchannel_logout_supported');
    const carol = await stand.signIn('carol');
    await tokenRequest({
      // The slash belongs to the issuer's name.
      ...{ issuer: `${stand.issuer.issuer}/`, path: 'token/revocation' },
      ...{ clientId: 'bff', keyFile: stand.issuer.keyFile('bff') },
      parameters: { token: await refreshTokenOf(stand, carol), token_type_hint: 'refresh_token' },
    });
    const status = async () => (await carol.call('GET', '/api/conversations/conversations')).status;
    expect(await status()).toBe(200);
    offsetMs = 301_000;
    const afterwards = await status();
    offsetMs = 0;
    expect([afterwards, (await carol.call('GET', '/bff/user')).status]).toEqual([401, 401]);
  });
});

describe('habit: Keycloak', () => {
  let stand: Stand;
  beforeAll(async () => {
    stand = await startStand({
      env: { OIDC_AUDIENCE_PARAMETER: 'none', OIDC_ACCESS_TOKEN_TYP: 'JWT' },
      issuerEnv: { ISSUER_HABITS: 'keycloak' },
    });
  }, 60_000);
  afterAll(() => stand.stop());

  it('habit: Keycloak writes access tokens of `typ` JWT, `azp` for the client and `account` beside our audience', async () => {
    const token = await tokenSent(stand, await stand.signIn('ann'));
    expect(decodeProtectedHeader(token).typ).toBe('JWT');
    const { aud, azp, typ, client_id } = decodeJwt(token);
    expect([aud, azp, typ, client_id]).toEqual([[apiAudience, 'account'], 'bff', 'Bearer', undefined]);
    expect([await judged(stand, token, 'JWT'), await judged(stand, token, 'at+jwt')]).toEqual([
      'user by bff',
      'token-invalid',
    ]);
  });

  it('habit: Keycloak writes tokens of machines so too: the BFF takes them where it is told', async () => {
    const token = await stand.issuer.machineToken('realtime', 'urn:chatapp:bff', ['bff:sessions.read']);
    const ask = async (at: string) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      return (await fetch(`${at}/internal/sessions`, { method: 'POST', headers, body: '{"sids":[]}' })).status;
    };
    const strict = await stand.another({ OIDC_ACCESS_TOKEN_TYP: 'at+jwt' });
    expect([await ask(stand.url), await ask(strict.url)]).toEqual([200, 401]);
  });

  it('habit: Keycloak answers a sign-in with `session_state` and `iss`, which must be its own', async () => {
    const { answer, send } = await answerOf(stand);
    expect([...answer.searchParams.keys()].sort()).toEqual(['code', 'iss', 'session_state', 'state']);
    expect(answer.searchParams.get('iss')).toBe(stand.issuer.issuer);
    expect((await send(answer)).status).toBe(303);
    const forged = await answerOf(stand);
    forged.answer.searchParams.set('iss', 'https://evil.example/realms/chat');
    expect((await forged.send(forged.answer)).status).toBe(400);
  });

  it('habit: Keycloak names the session in a logout token: the person’s other devices stay signed in', async () => {
    const [laptop, phone] = [await stand.signIn('dave'), await stand.signIn('dave')];
    const secret = laptop.cookies.get(`__Host-Http-session-${new URL(stand.url).port}`);
    const live = await stand.first.bff.sessions.find(secret);
    const end = new URL(`${stand.issuer.issuer}/session/end`);
    end.searchParams.set('id_token_hint', live?.session.tokens.idToken ?? '');
    await fetch(end, { headers: { cookie: laptop.cookies.header(end) } });
    await eventually(async () => (await laptop.call('GET', '/bff/user')).status === 401);
    expect((await phone.call('GET', '/bff/user')).status).toBe(200);
    expect(stand.audited('backchannel-logout.accepted').map(({ count }) => count)).toEqual([1]);
  });
});
