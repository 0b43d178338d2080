import { userIdOf } from '@chatapp/contract/ids';
import type { Me } from '@chatapp/contract/shapes';
import type { IDToken } from 'oauth4webapi';
import { type Cookies, clearCookie, readCookies, setCookie } from '../session/cookies.ts';
import { vaultOf } from '../session/secret.ts';
import type { Tokens } from '../session/session.ts';
import type { Sessions } from '../session/sessions.ts';
import type { Register } from './directory.ts';
import { type IssuerClient, LoginRefusedError } from './issuer-client.ts';
import { hashedIssuerSid } from './issuer-sid.ts';
import type { LoginStore } from './login-store.ts';
import { profileOf } from './profile.ts';
import type { LoginTransaction } from './start-login.ts';

export interface FinishLoginParts {
  readonly issuer: IssuerClient;
  readonly issuerAlias: string;
  readonly store: LoginStore;
  readonly sessions: Sessions;
  readonly register: Register;
  readonly cookies: Cookies;
}

/**
 * `GET /bff/callback`: ends the sign-in that this browser began, starts a session under a fresh secret, and goes on to where the person wanted
 * to be. Throws LoginRefusedError: then no session began, and one that was there is untouched.
 */
export const finishLogin = async (request: Request, parts: FinishLoginParts): Promise<Response> => {
  const callback = new URL(request.url).searchParams;
  const state = callback.get('state') ?? '';
  const transaction = await takeTransaction(request, state, parts);
  const { tokens, claims } = await parts.issuer.redeem(callback, { state, ...transaction });

  const me = await meOf(claims, parts);
  const { secret } = await parts.sessions.begin(await sessionOf(request, { tokens, claims, me }));
  if (transaction.formerSid !== null) await parts.sessions.end(transaction.formerSid, 'signed-in-again');

  // The page behind `returnTo` needs no cookie: a Strict one is not sent along a way that began at the issuer (security.md, trap 9).
  const headers = new Headers({ location: transaction.returnTo, 'cache-control': 'no-store' });
  const maxAgeSeconds = Math.floor(parts.sessions.lifetimes.absoluteMs / 1000);
  headers.append('set-cookie', setCookie(parts.cookies.session, secret, { sameSite: 'Strict', maxAgeSeconds }));
  headers.append('set-cookie', clearCookie(parts.cookies.login(state), 'Lax'));
  return new Response(null, { status: 303, headers });
};

/** Once, and only with the cookie from which this `state` was derived. */
const takeTransaction = async (request: Request, state: string, parts: FinishLoginParts): Promise<LoginTransaction> => {
  const secret = readCookies(request).get(parts.cookies.login(state)) ?? '';
  const vault = await vaultOf(secret, 'login');
  if (vault === undefined || vault.id !== state) throw new LoginRefusedError('this browser began no such sign-in');
  const box = await parts.store.take(state);
  if (box === undefined) throw new LoginRefusedError('the sign-in is over or took too long');
  return (await vault.open(box)) as LoginTransaction;
};

/** The person as the directory knows them, or as the issuer vouches for them while it does not answer. */
const meOf = async (claims: IDToken, { issuerAlias, register }: FinishLoginParts): Promise<Me> => {
  const id = await userIdOf({ issuerAlias, kind: 'user', sub: claims.sub });
  const me: Me = { id, ...profileOf(claims), createdAt: null };
  return (await register(me)) ?? me;
};

const userAgentLengthMax = 256;

const sessionOf = async (request: Request, { tokens, claims, me }: { tokens: Tokens; claims: IDToken; me: Me }) => ({
  userId: me.id,
  tokens,
  me,
  userAgent: (request.headers.get('user-agent') ?? '').slice(0, userAgentLengthMax),
  issuerSid: typeof claims.sid === 'string' ? await hashedIssuerSid(claims.sid) : null,
});
