import { type Cookies, clearCookie, readCookies, setCookie } from '../session/cookies.ts';
import { newSecret, vaultOf } from '../session/secret.ts';
import type { IssuerClient } from './issuer-client.ts';
import { type LoginStore, loginSecondsMax } from './login-store.ts';
import { returnUrl } from './return-to.ts';

/** What a sign-in remembers between its start and its end, sealed with the secret of its own cookie. */
export interface LoginTransaction {
  readonly nonce: string;
  readonly codeVerifier: string;
  readonly returnTo: string;
  /** The session that was there before, which the new one replaces. */
  readonly formerSid: string | null;
}

export interface StartLoginParts {
  readonly issuer: IssuerClient;
  readonly store: LoginStore;
  readonly cookies: Cookies;
  readonly publicUrl: string;
}

/** Sign-ins that one browser may have under way: each has a cookie, and all of them go with every request. */
const underWayMax = 8;

/**
 * `GET /bff/login`: sends the browser to the issuer. The transaction is bound to this browser by a cookie of its own (Lax: a Strict one would not
 * come back from the issuer); `state` is the id derived from that cookie.
 */
export const startLogin = async (request: Request, returnTo: string | undefined, parts: StartLoginParts) => {
  const secret = newSecret();
  const vault = await vaultOf(secret, 'login');
  if (vault === undefined) throw new Error('a new secret is not valid');
  const given = readCookies(request);
  const former = await vaultOf(given.get(parts.cookies.session) ?? '', 'session');
  const proof = { state: vault.id, nonce: newSecret(), codeVerifier: newSecret() };
  const location = await parts.issuer.authorizationUrl(proof);
  const transaction: LoginTransaction = {
    nonce: proof.nonce,
    codeVerifier: proof.codeVerifier,
    returnTo: returnUrl(returnTo, parts.publicUrl),
    formerSid: former?.id ?? null,
  };
  await parts.store.keep(vault.id, await vault.seal(transaction));

  const headers = new Headers({ location: location.href, 'cache-control': 'no-store' });
  const loginCookie = { sameSite: 'Lax', maxAgeSeconds: loginSecondsMax } as const;
  headers.append('set-cookie', setCookie(parts.cookies.login(vault.id), secret, loginCookie));
  for (const name of abandoned(given, parts.cookies)) headers.append('set-cookie', clearCookie(name, 'Lax'));
  return new Response(null, { status: 303, headers });
};

/** Cookies of sign-ins that nobody will end; browsers send the older ones first. */
const abandoned = (given: ReadonlyMap<string, string>, cookies: Cookies): string[] => {
  const names = [...given.keys()].filter((name) => name.startsWith(cookies.loginPrefix));
  return names.slice(0, Math.max(0, names.length - underWayMax + 1));
};
