import { afterAll, describe, expect, it } from 'bun:test';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { testIssuer } from '../testing/issuer.ts';
import { people } from './people.ts';
import { codeFlowTokens, refreshTokens, signInByForms } from './sign-in.ts';
import { tokenRequest } from './token-request.ts';

const publicUrl = 'http://localhost:1';
const redirectUri = `${publicUrl}/bff/callback`;
const op = await testIssuer({ publicUrl, env: { ACCESS_TOKEN_SECONDS: '120' } });
afterAll(() => op.stop());

const bffKey = op.keyFile('bff');
const signIn = (login: string) => codeFlowTokens({ issuer: op.issuer, keyFile: bffKey, login, redirectUri });
const keySet = createRemoteJWKSet(new URL(`${op.issuer}/jwks`));

/** An authorization request as the BFF makes it, with parameters replaced or, by an empty one, left out. */
function authorizationUrl(changed: Record<string, string> = {}): string {
  const parameters = {
    client_id: 'bff',
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid profile email',
    state: 'state-1',
    nonce: 'nonce-1',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    ...changed,
  };
  return `${op.issuer}/auth?${new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== ''))}`;
}

const atCallback = (url: URL) => url.href.startsWith(redirectUri);

describe('sign-in', () => {
  it('lets each person in by the form and names them in the ID token only', async () => {
    for (const person of people) {
      const { accessToken, idToken } = await signIn(person.login);
      const id = await jwtVerify(idToken, keySet, { issuer: op.issuer, audience: 'bff', algorithms: ['ES256'] });
      expect(id.payload).toMatchObject({
        sub: person.sub,
        name: person.name,
        email: person.email,
        email_verified: true,
      });
      expect(decodeJwt(accessToken)).not.toContainKeys(['name', 'email']);
    }
  });

  it('gives an access token for the whole API that ends when it was told to', async () => {
    const { accessToken, idToken } = await signIn('ann');
    const options = { issuer: op.issuer, audience: 'urn:chatapp:api', typ: 'at+jwt', algorithms: ['ES256'] };
    const { payload } = await jwtVerify(accessToken, keySet, options);
    expect(payload).toMatchObject({ client_id: 'bff', scope: 'openid profile email', sid: decodeJwt(idToken).sid });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(120);
  });

  it('takes a wrong password for what it is: an error that says what to do, and no code', async () => {
    const error = await signInByForms({
      startUrl: authorizationUrl(),
      login: 'ann',
      password: 'bob',
      stopAt: atCallback,
    }).catch((e) => e);
    expect(error).toMatchObject({ name: 'SignInRefused', status: 422 });
    expect(error.message).toContain('type their login as the password');
  });

  it('shows what was typed as text', async () => {
    const page = await openForm();
    const answer = await page.post({ login: '"><script>alert(1)</script>', password: 'x' });
    expect(await answer.text()).not.toContain('<script');
  });

  it('fills in the person who was picked', async () => {
    const page = await openForm();
    const picked = await (await page.get('?login=bob')).text();
    expect(picked).toMatch(/name="login" value="bob"/);
    expect(picked).toContain('aria-current="true"');
  });

  it('runs no script and posts to itself and the BFF only', async () => {
    const policy = (await (await openForm()).get('')).headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('script-src');
    expect(policy).toContain(`form-action 'self' ${publicUrl}`);
  });

  it('refuses a form that another page posts', async () => {
    const page = await openForm();
    for (const site of ['cross-site', 'same-site']) {
      expect((await page.post({ login: 'ann', password: 'ann' }, { 'sec-fetch-site': site })).status).toBe(403);
    }
  });

  it('asks no second time in the same browser, unless the client wants it', async () => {
    const first = await signInByForms({
      startUrl: authorizationUrl(),
      login: 'ann',
      password: 'ann',
      stopAt: atCallback,
    });
    const again = { login: 'nobody', password: 'nobody', cookies: first.cookies, stopAt: atCallback };
    expect((await signInByForms({ startUrl: authorizationUrl(), ...again })).finalUrl).toContain('code=');
    await expect(signInByForms({ startUrl: authorizationUrl({ prompt: 'login' }), ...again })).rejects.toThrow(
      'login_refused',
    );
  });

  it('lets another person in where somebody is signed in', async () => {
    const { cookies } = await signInByForms({
      startUrl: authorizationUrl(),
      login: 'ann',
      password: 'ann',
      stopAt: atCallback,
    });
    const startUrl = authorizationUrl({ prompt: 'login' });
    const { finalUrl } = await signInByForms({ startUrl, login: 'bob', password: 'bob', cookies, stopAt: atCallback });
    const tokens = await redeem(finalUrl);
    expect(decodeJwt(String(tokens.id_token)).sub).toBe(people[1]?.sub);
  });

  it('asks nobody for consent, also when the client would', async () => {
    const startUrl = authorizationUrl({ prompt: 'consent', scope: 'openid offline_access' });
    const { finalUrl } = await signInByForms({ startUrl, login: 'ann', password: 'ann', stopAt: atCallback });
    expect((await redeem(finalUrl)).scope).toContain('offline_access');
  });

  it('names itself and the state in its answer', async () => {
    const { finalUrl } = await signInByForms({
      startUrl: authorizationUrl(),
      login: 'ann',
      password: 'ann',
      stopAt: atCallback,
    });
    const answer = new URL(finalUrl).searchParams;
    expect(answer.get('iss')).toBe(op.issuer);
    expect(answer.get('state')).toBe('state-1');
  });

  it('redirects to no address but the registered one', async () => {
    const changed = { redirect_uri: `${redirectUri}/more` };
    const answer = await fetch(authorizationUrl(changed), { redirect: 'manual', headers: { accept: 'text/html' } });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('Go back to ChatApp');
  });

  it('refuses a request without PKCE, and a resource that is not the API', async () => {
    for (const changed of [{ code_challenge: '', code_challenge_method: '' }, { resource: 'urn:chatapp:messages' }]) {
      const answer = await fetch(authorizationUrl(changed), { redirect: 'manual' });
      expect(answer.headers.get('location')).toMatch(/error=invalid_(request|target)/);
    }
  });

  it('takes a pushed request', async () => {
    const parameters = Object.fromEntries(new URL(authorizationUrl()).searchParams);
    const { request_uri } = await tokenRequest({
      issuer: op.issuer,
      clientId: 'bff',
      keyFile: bffKey,
      path: '/request',
      parameters,
    });
    const startUrl = `${op.issuer}/auth?${new URLSearchParams({ client_id: 'bff', request_uri: String(request_uri) })}`;
    const { finalUrl } = await signInByForms({ startUrl, login: 'ann', password: 'ann', stopAt: atCallback });
    expect(finalUrl).toContain('code=');
  });

  it('says that a form which was used already has ended', async () => {
    const page = await openForm();
    const done = await page.post({ login: 'ann', password: 'ann' });
    await page.follow(done.headers.get('location') ?? '');
    const again = await page.post({ login: 'ann', password: 'ann' });
    expect(again.status).toBe(400);
    expect(await again.text()).toContain('This sign-in has ended');
  });

  it('answers in its own name whatever host it was called by', async () => {
    const headers = { host: 'evil.example' };
    const answer = await fetch(authorizationUrl(), { redirect: 'manual', headers });
    expect(new URL(answer.headers.get('location') ?? '', op.issuer).origin).toBe(op.issuer);
    const discovery = await (await fetch(`${op.issuer}/.well-known/openid-configuration`, { headers })).json();
    expect(discovery).toMatchObject({ token_endpoint: `${op.issuer}/token` });
  });
});

describe('refresh', () => {
  it('rotates, and kills every token of the sign-in when an old one is used again', async () => {
    const first = await signIn('ann');
    const second = await refresh(first.refreshToken);
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(decodeProtectedHeader(second.accessToken).typ).toBe('at+jwt');
    expect(decodeJwt(second.accessToken).aud).toBe('urn:chatapp:api');
    await expect(refresh(first.refreshToken)).rejects.toThrow('invalid_grant');
    await expect(refresh(second.refreshToken)).rejects.toThrow('invalid_grant');
  });

  it('ends with its revocation', async () => {
    const { refreshToken } = await signIn('ann');
    expect(await introspect(refreshToken)).toMatchObject({ active: true });
    await tokenRequest({
      issuer: op.issuer,
      clientId: 'bff',
      keyFile: bffKey,
      path: '/token/revocation',
      parameters: { token: refreshToken },
    });
    expect(await introspect(refreshToken)).toEqual({ active: false });
    await expect(refresh(refreshToken)).rejects.toThrow('invalid_grant');
  });
});

function refresh(refreshToken: string) {
  return refreshTokens({ issuer: op.issuer, keyFile: bffKey, refreshToken });
}

function introspect(token: string) {
  return tokenRequest({
    issuer: op.issuer,
    clientId: 'bff',
    keyFile: bffKey,
    path: '/token/introspection',
    parameters: { token },
  });
}

/** Redeems the code of an authorization request that was made with the challenge of RFC 7636's own example. */
function redeem(callbackUrl: string) {
  const parameters = {
    grant_type: 'authorization_code',
    code: new URL(callbackUrl).searchParams.get('code') ?? '',
    redirect_uri: redirectUri,
    code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
  };
  return tokenRequest({ issuer: op.issuer, clientId: 'bff', keyFile: bffKey, parameters });
}

/** The sign-in page as a program has it that knows nothing but cookies. */
async function openForm() {
  const start = await fetch(authorizationUrl(), { redirect: 'manual' });
  const url = new URL(start.headers.get('location') ?? '', op.issuer);
  const cookie = start.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  return {
    get: (query: string) => fetch(`${url}${query}`, { headers: { cookie } }),
    post: (fields: Record<string, string>, headers: Record<string, string> = {}) =>
      fetch(url, {
        method: 'POST',
        body: new URLSearchParams(fields),
        headers: { cookie, ...headers },
        redirect: 'manual',
      }),
    follow: (location: string) => fetch(new URL(location, url), { headers: { cookie }, redirect: 'manual' }),
  };
}
