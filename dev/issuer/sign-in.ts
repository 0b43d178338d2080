import { apiAudience } from '@chatapp/contract/scopes';
import { apiScopes } from './clients.ts';
import { CookieJar } from './cookie-jar.ts';
import { SignInRefused, tokenOf, tokenRequest } from './token-request.ts';

const stepsMax = 20;

/** One request, with redirects left to the caller: `fetch` itself, or an app's. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** The end of a walk: the last answer, where it came from, and the cookies that the pretended browser has now. */
export type SignedIn = { response: Response; finalUrl: string; cookies: CookieJar };

/** The tokens of a person who signed in. */
export type PersonTokens = { accessToken: string; idToken: string; refreshToken: string };

/**
 * Signs a person in as a browser without script does: from `startUrl` along the redirects, through the form with the fields
 * `login` and `password`, and on until an answer is no redirect. It ends earlier, before the request, at an address for which `stopAt`
 * says so; then `response` is the redirect to it. With `cookies` the walk continues in a browser that exists.
 * Throws `SignInRefused` when the form comes back.
 */
export async function signInByForms(options: {
  startUrl: string;
  login: string;
  password: string;
  fetch?: Fetch;
  cookies?: CookieJar;
  stopAt?: (url: URL) => boolean;
}): Promise<SignedIn> {
  const { startUrl, login, password, fetch = globalThis.fetch, cookies = new CookieJar(), stopAt } = options;
  let url = new URL(startUrl);
  let init: RequestInit = {};
  let filledIn = false;
  for (let step = 0; step < stepsMax; step += 1) {
    const response = await send(fetch, cookies, url, init);
    const location = response.headers.get('location');
    if (location && response.status >= 300 && response.status < 400) {
      url = new URL(location, url);
      init = {};
      if (stopAt?.(url)) return { response, finalUrl: url.href, cookies };
      continue;
    }
    const form = await signInFormOf(response);
    if (!form) return { response, finalUrl: url.href, cookies };
    if (filledIn) throw new SignInRefused('login_refused', form.error, response.status);
    filledIn = true;
    url = new URL(form.action, url);
    init = { method: 'POST', body: new URLSearchParams({ ...form.hidden, login, password }) };
  }
  throw new SignInRefused('endless', `${stepsMax} steps, now at ${url.origin}${url.pathname}`, 0);
}

/** Signs a person in as the client `bff` would: code flow, PKCE, a signed client; the password is the login. */
export async function codeFlowTokens(options: {
  issuer: string;
  keyFile: string;
  login: string;
  redirectUri: string;
  cookies?: CookieJar;
}): Promise<PersonTokens> {
  const { issuer, keyFile, login, redirectUri, cookies } = options;
  const verifier = randomText();
  const state = randomText();
  const startUrl = new URL(`${issuer}/auth`);
  startUrl.search = new URLSearchParams({
    client_id: 'bff',
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: apiScopes.join(' '),
    resource: apiAudience,
    state,
    nonce: randomText(),
    code_challenge: await sha256(verifier),
    code_challenge_method: 'S256',
  }).toString();
  const { finalUrl } = await signInByForms({
    startUrl: startUrl.href,
    login,
    password: login,
    stopAt: (url) => url.href.startsWith(redirectUri),
    ...(cookies ? { cookies } : {}),
  });
  const answer = new URL(finalUrl).searchParams;
  const code = answer.get('code');
  if (!code || answer.get('state') !== state)
    throw new SignInRefused(answer.get('error') ?? 'invalid_response', answer.get('error_description') ?? 'no code', 0);
  const tokens = await tokenRequest({
    issuer,
    clientId: 'bff',
    keyFile,
    parameters: { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier },
  });
  return personTokens(tokens);
}

/** Renews a person's tokens; the refresh token that is handed in is used up. */
export async function refreshTokens(options: {
  issuer: string;
  keyFile: string;
  refreshToken: string;
}): Promise<PersonTokens> {
  const { issuer, keyFile, refreshToken } = options;
  const parameters = { grant_type: 'refresh_token', refresh_token: refreshToken };
  return personTokens(await tokenRequest({ issuer, clientId: 'bff', keyFile, parameters }));
}

/** A machine's access token for one audience, with the scopes that it needs there. */
export async function clientCredentials(options: {
  issuer: string;
  clientId: string;
  keyFile: string;
  audience: string;
  scopes: readonly string[];
}): Promise<string> {
  const { issuer, clientId, keyFile, audience, scopes } = options;
  const parameters = {
    grant_type: 'client_credentials',
    resource: audience,
    ...(scopes.length > 0 ? { scope: scopes.join(' ') } : {}),
  };
  return tokenOf(await tokenRequest({ issuer, clientId, keyFile, parameters }), 'access_token');
}

async function send(fetch: Fetch, cookies: CookieJar, url: URL, init: RequestInit): Promise<Response> {
  const cookie = cookies.header(url);
  const headers = { accept: 'text/html', ...(cookie ? { cookie } : {}) };
  const response = await fetch(url.href, { ...init, headers, redirect: 'manual' });
  cookies.take(url, response);
  return response;
}

type SignInForm = { action: string; hidden: Record<string, string>; error: string };

/** The sign-in form in a page: where it goes, its hidden fields, and what the page complains of; undefined without one. */
async function signInFormOf(response: Response): Promise<SignInForm | undefined> {
  if (!response.headers.get('content-type')?.includes('text/html')) return undefined;
  const names = new Set<string>();
  const form: SignInForm = { action: '', hidden: {}, error: '' };
  await new HTMLRewriter()
    .on('form', {
      element(element) {
        form.action = element.getAttribute('action') ?? '';
      },
    })
    .on('form input', {
      element(element) {
        const name = element.getAttribute('name') ?? '';
        names.add(name);
        if (element.getAttribute('type') === 'hidden') form.hidden[name] = element.getAttribute('value') ?? '';
      },
    })
    .on('[role=alert]', {
      text(chunk) {
        form.error += chunk.text;
      },
    })
    .transform(response.clone())
    .text();
  return names.has('login') && names.has('password') ? form : undefined;
}

function personTokens(answer: Record<string, unknown>): PersonTokens {
  return {
    accessToken: tokenOf(answer, 'access_token'),
    idToken: tokenOf(answer, 'id_token'),
    refreshToken: tokenOf(answer, 'refresh_token'),
  };
}

function randomText(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url');
}

async function sha256(value: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(value))).toString('base64url');
}
