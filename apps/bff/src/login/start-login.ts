import { type Cookies, clearCookie, readCookies, setCookie } from '../session/cookies.ts';
import { newSecret, vaultOf } from '../session/secret.ts';
import type { Manner, Proof } from './authorization-request.ts';
import type { IssuerClient } from './issuer-client.ts';
import { type LoginStore, loginSecondsMax } from './login-store.ts';
import { redirectTo } from './redirect.ts';

/** What a sign-in remembers between its start and its end, sealed with the secret of its own cookie. */
export interface LoginTransaction {
  /** When it began, ms: how long it counts does not hang on the store alone. */
  readonly startedAt: number;
  /** The alias of the issuer that was asked. */
  readonly issuer: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  readonly manner: Manner;
  readonly returnTo: string;
  /** The session that was there before, which the new one replaces. */
  readonly formerSid: string | null;
  /** Whose sessions all end once they have proved who they are: nobody's, but in a step-up. */
  readonly endAllOf: string | null;
}

export interface StartLoginParts {
  readonly store: LoginStore;
  readonly cookies: Cookies;
  readonly now: () => number;
}

export interface LoginStart {
  readonly issuer: IssuerClient;
  readonly manner: Manner;
  /** Absolute, one of our own pages. */
  readonly returnTo: string;
  readonly endAllOf?: string;
}

/** Sign-ins that one browser may have under way: each has a cookie, and all of them go with every request. */
const underWayMax = 8;

/**
 * Sends the browser to the issuer. The transaction is bound to this browser by a cookie of its own (Lax: a Strict one would not come back from the
 * issuer); `state` is the id derived from that cookie.
 */
export const startLogin = async (request: Request, start: LoginStart, parts: StartLoginParts): Promise<Response> => {
  const { issuer, manner, returnTo, endAllOf = null } = start;
  const secret = newSecret();
  const vault = await vaultOf(secret, 'login');
  if (vault === undefined) throw new Error('a new secret is not valid');
  const given = readCookies(request);
  const former = await vaultOf(given.get(parts.cookies.session) ?? '', 'session');
  const proof: Proof = { state: vault.id, nonce: newSecret(), codeVerifier: newSecret() };
  const location = await issuer.authorizationUrl(proof, manner);
  const transaction: LoginTransaction = {
    startedAt: parts.now(),
    issuer: issuer.alias,
    nonce: proof.nonce,
    codeVerifier: proof.codeVerifier,
    manner,
    returnTo,
    formerSid: former?.id ?? null,
    endAllOf,
  };
  await parts.store.keep(vault.id, await vault.seal(transaction));

  const kept = { sameSite: 'Lax', maxAgeSeconds: loginSecondsMax } as const;
  return redirectTo(location.href, [
    setCookie(parts.cookies.login(vault.id), secret, kept),
    ...abandoned(given, parts.cookies).map((name) => clearCookie(name, 'Lax')),
  ]);
};

/** Cookies of sign-ins that nobody will end; browsers send the older ones first. */
const abandoned = (given: ReadonlyMap<string, string>, cookies: Cookies): string[] => {
  const names = [...given.keys()].filter((name) => name.startsWith(cookies.loginPrefix));
  return names.slice(0, Math.max(0, names.length - underWayMax + 1));
};
