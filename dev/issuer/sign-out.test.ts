import { afterAll, beforeEach, describe, expect, it } from 'bun:test';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { testIssuer } from '../testing/issuer.ts';
import { CookieJar } from './cookie-jar.ts';
import { people } from './people.ts';
import { codeFlowTokens, refreshTokens, signInByForms } from './sign-in.ts';

const logoutTokens: string[] = [];
/** Stands in for the BFF's end of the back channel, which is all that the issuer calls. */
const bff = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  async fetch(request) {
    if (new URL(request.url).pathname !== '/bff/backchannel-logout') return new Response('');
    logoutTokens.push(String((await request.formData()).get('logout_token')));
    return new Response('');
  },
});
const publicUrl = `http://localhost:${bff.port}`;
const redirectUri = `${publicUrl}/bff/callback`;
const op = await testIssuer({ publicUrl });
afterAll(async () => {
  await op.stop();
  await bff.stop(true);
});
beforeEach(() => {
  logoutTokens.length = 0;
});

async function signedIn(login = 'ann') {
  const cookies = new CookieJar();
  const tokens = await codeFlowTokens({
    issuer: op.issuer,
    keyFile: op.keyFile('bff'),
    login,
    redirectUri,
    cookies,
  });
  return { cookies, ...tokens };
}

function endSession(cookies: CookieJar, parameters: Record<string, string>) {
  const url = `${op.issuer}/session/end?${new URLSearchParams(parameters)}`;
  return fetch(url, { redirect: 'manual', headers: { cookie: cookies.header(url), accept: 'text/html' } });
}

const goHome = { post_logout_redirect_uri: `${publicUrl}/`, state: 'state-2' };

describe('sign-out', () => {
  it('ends the session of an id_token_hint at once and goes back', async () => {
    const { cookies, idToken } = await signedIn();
    const answer = await endSession(cookies, { id_token_hint: idToken, ...goHome });
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe(`${publicUrl}/?state=state-2`);
    cookies.take(new URL(op.issuer), answer);
    expect(await asksForPassword(cookies)).toBe(true);
  });

  it('tells the BFF by the back channel who left and where', async () => {
    const { cookies, idToken } = await signedIn();
    await endSession(cookies, { id_token_hint: idToken, ...goHome });
    expect(logoutTokens).toHaveLength(1);
    const { payload, protectedHeader } = await jwtVerify(
      logoutTokens[0] ?? '',
      createRemoteJWKSet(new URL(`${op.issuer}/jwks`)),
      {
        issuer: op.issuer,
        audience: 'bff',
      },
    );
    expect(protectedHeader.typ).toBe('logout+jwt');
    expect(payload).toMatchObject({ sub: people[0]?.sub, sid: decodeJwt(idToken).sid });
    expect(payload.events).toHaveProperty(['http://schemas.openid.net/event/backchannel-logout']);
    expect(payload).not.toHaveProperty('nonce');
  });

  it('ends the refresh tokens of the session', async () => {
    const { cookies, idToken, refreshToken } = await signedIn();
    await endSession(cookies, { id_token_hint: idToken });
    await expect(refreshTokens({ issuer: op.issuer, keyFile: op.keyFile('bff'), refreshToken })).rejects.toThrow(
      'invalid_grant',
    );
  });

  it('goes back at once where nobody is signed in', async () => {
    const { idToken } = await signedIn();
    const answer = await endSession(new CookieJar(), { id_token_hint: idToken, ...goHome });
    expect(answer.headers.get('location')).toBe(`${publicUrl}/?state=state-2`);
    expect(logoutTokens).toEqual([]);
  });

  it('asks first when the request does not prove who it is about', async () => {
    const ann = await signedIn('ann');
    const bob = await signedIn('bob');
    for (const parameters of [{}, { client_id: 'bff', ...goHome }, { id_token_hint: bob.idToken }]) {
      const answer = await endSession(ann.cookies, parameters);
      expect(answer.status).toBe(200);
      expect(await answer.text()).toContain('Sign out?');
    }
    expect(await asksForPassword(ann.cookies)).toBe(false);
  });

  it('goes nowhere but to the registered address, and takes no forged hint', async () => {
    const { cookies, idToken } = await signedIn();
    const forged = `${idToken.slice(0, -8)}AAAAAAAA`;
    for (const parameters of [
      { id_token_hint: forged },
      { id_token_hint: idToken, post_logout_redirect_uri: 'https://evil.example/' },
    ]) {
      expect((await endSession(cookies, parameters)).status).toBe(400);
    }
    expect(await asksForPassword(cookies)).toBe(false);
  });

  it('works though the BFF does not answer', async () => {
    const deafUrl = 'http://localhost:1';
    const deaf = await testIssuer({ publicUrl: deafUrl });
    try {
      const cookies = new CookieJar();
      const { idToken } = await codeFlowTokens({
        issuer: deaf.issuer,
        keyFile: deaf.keyFile('bff'),
        login: 'ann',
        redirectUri: `${deafUrl}/bff/callback`,
        cookies,
      });
      const url = `${deaf.issuer}/session/end?id_token_hint=${idToken}`;
      expect((await fetch(url, { redirect: 'manual', headers: { cookie: cookies.header(url) } })).status).toBe(303);
    } finally {
      await deaf.stop();
    }
  });
});

/** Whether a new authorization request in that browser shows the form. */
async function asksForPassword(cookies: CookieJar): Promise<boolean> {
  const parameters = {
    client_id: 'bff',
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  };
  const startUrl = `${op.issuer}/auth?${new URLSearchParams(parameters)}`;
  const stopAt = (url: URL) => url.href.startsWith(redirectUri);
  return signInByForms({ startUrl, login: '', password: '', cookies, stopAt }).then(
    () => false,
    (error) => error.code === 'login_refused',
  );
}
