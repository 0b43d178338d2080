import { userIdOf } from '@chatapp/contract/ids';
import type { Me } from '@chatapp/contract/shapes';
import type { IDToken } from 'oauth4webapi';
import { type Audit, sessionName } from '../audit/audit.ts';
import { type Cookies, clearCookie, readCookies, setCookie } from '../session/cookies.ts';
import { vaultOf } from '../session/secret.ts';
import type { Tokens } from '../session/session.ts';
import type { LiveSession, Sessions } from '../session/sessions.ts';
import type { Directory } from './directory.ts';
import type { IssuerClient, Redeemed } from './issuer-client.ts';
import { LoginRefusedError, NotSignedInThereError } from './issuer-errors.ts';
import { hashedIssuerName } from './issuer-name.ts';
import type { Issuers } from './issuers.ts';
import { type LoginStore, loginSecondsMax } from './login-store.ts';
import { profileOf } from './profile.ts';
import { redirectTo } from './redirect.ts';
import { goodbye } from './sign-out.ts';
import type { LoginTransaction } from './start-login.ts';

export interface FinishLoginParts {
  readonly issuers: Issuers;
  readonly store: LoginStore;
  readonly sessions: Sessions;
  readonly directory: Directory;
  readonly cookies: Cookies;
  readonly publicUrl: string;
  readonly audit: Audit;
  readonly now: () => number;
}

/**
 * `GET /bff/callback` of the main issuer, `/bff/callback/:issuer` of another: ends what this browser began there. A sign-in starts a session under
 * a fresh secret and goes on to where the person wanted to be. Throws LoginRefusedError: then no session began, and one that was there is untouched.
 */
export const finishLogin = async (request: Request, alias: string, parts: FinishLoginParts): Promise<Response> => {
  const callback = new URL(request.url).searchParams;
  const state = callback.get('state') ?? '';
  const transaction = await takeTransaction(request, state, parts);
  const issuer = parts.issuers.named(transaction.issuer);
  // The answer of one issuer must not pass for another's (RFC 9700 §4.4).
  if (issuer === undefined || transaction.issuer !== alias) {
    throw new LoginRefusedError('issuer', 'the answer came to the address of another issuer');
  }
  const done = [clearCookie(parts.cookies.login(state), 'Lax')];
  try {
    const redeemed = await issuer.redeem(callback, { state, ...transaction }, transaction.manner);
    if (transaction.endAllOf !== null) return await endAll(request, redeemed, { issuer, transaction, done }, parts);
    return await begin(request, redeemed, { issuer, transaction, done }, parts);
  } catch (error) {
    if (error instanceof NotSignedInThereError) return redirectTo(transaction.returnTo, done);
    throw error;
  }
};

interface Step {
  readonly issuer: IssuerClient;
  readonly transaction: LoginTransaction;
  /** Cookies that are done with. */
  readonly done: readonly string[];
}

const begin = async (
  request: Request,
  { tokens, claims }: Redeemed,
  { issuer, transaction, done }: Step,
  parts: FinishLoginParts,
): Promise<Response> => {
  const me = await meOf(claims, issuer, parts);
  const { secret, live } = await parts.sessions.begin(await sessionOf(request, { tokens, claims, me, issuer }));
  const session = sessionName(live.sid);
  parts.audit({ event: 'login.succeeded', userId: me.id, session, issuer: issuer.alias }, request);
  for (const sid of await formerSids(request, live, transaction, parts)) {
    await parts.sessions.end(sid, 'signed-in-again', request);
  }
  // Ended by a later one in the next tab: whose cookie this one's must not replace, should this answer arrive last.
  const [own] = await parts.sessions.alive([live.sid]);
  if (own === undefined) return redirectTo(transaction.returnTo, done);

  // The page behind `returnTo` needs no cookie: a Strict one is not sent along a way that began at the issuer (security.md, trap 9).
  const maxAgeSeconds = Math.floor(parts.sessions.lifetimes.absoluteMs / 1000);
  const cookie = setCookie(parts.cookies.session, secret, { sameSite: 'Strict', maxAgeSeconds });
  return redirectTo(transaction.returnTo, [cookie, ...done]);
};

/**
 * The sessions of this browser that the new one replaces: that of its cookie, at the start or now, and those of the same session at the issuer, which is one
 * browser's: of two tabs that sign in side by side neither knows the other's cookie. Of two that end at once the later one stays: whoever looks last sees
 * both, so each may find that it is itself the earlier one.
 */
const formerSids = async (
  request: Request,
  { session }: LiveSession,
  { formerSid }: LoginTransaction,
  { sessions, cookies }: FinishLoginParts,
): Promise<ReadonlySet<string>> => {
  const cookie = await vaultOf(readCookies(request).get(cookies.session) ?? '', 'session');
  const former = new Set([formerSid, cookie?.id].filter((sid) => typeof sid === 'string'));
  if (session.issuerSid === null) return former;
  const sideBySide = (await sessions.ofUser(session.userId))
    .filter(({ sid, record }) => record.issuerSid === session.issuerSid && !former.has(sid))
    .sort((one, other) => one.record.startedAt - other.record.startedAt || (one.sid < other.sid ? -1 : 1));
  return new Set([...former, ...sideBySide.slice(0, -1).map(({ sid }) => sid)]);
};

/** A step-up for signing out everywhere: the same person proved who they are, just now. */
const endAll = async (
  request: Request,
  { tokens, claims }: Redeemed,
  { issuer, transaction, done }: Step,
  parts: FinishLoginParts,
): Promise<Response> => {
  const userId = await userIdOf({ issuerAlias: issuer.alias, kind: 'user', sub: claims.sub });
  if (userId !== transaction.endAllOf) {
    if (tokens.refreshToken !== null) await issuer.revoke(tokens.refreshToken);
    throw new LoginRefusedError('not-fresh', 'another person proved who they are');
  }
  for (const { sid } of await parts.sessions.ofUser(userId)) {
    await parts.sessions.end(sid, 'ended-everywhere', request);
  }
  return await goodbye(issuer, tokens, { ...parts, cookies: [clearCookie(parts.cookies.session), ...done] });
};

/** Once, and only with the cookie from which this `state` was derived. */
const takeTransaction = async (request: Request, state: string, parts: FinishLoginParts): Promise<LoginTransaction> => {
  const secret = readCookies(request).get(parts.cookies.login(state)) ?? '';
  const vault = await vaultOf(secret, 'login');
  if (vault === undefined || vault.id !== state) {
    throw new LoginRefusedError('other-browser', 'this browser began no such sign-in');
  }
  const box = await parts.store.take(state);
  const transaction = box === undefined ? undefined : ((await vault.open(box)) as LoginTransaction);
  if (transaction === undefined || parts.now() - transaction.startedAt > loginSecondsMax * 1000) {
    throw new LoginRefusedError('over', 'the sign-in is over or took too long');
  }
  return transaction;
};

/** The person as the directory knows them, or as the issuer vouches for them while it does not answer. */
const meOf = async (claims: IDToken, issuer: IssuerClient, { directory }: FinishLoginParts): Promise<Me> => {
  const id = await userIdOf({ issuerAlias: issuer.alias, kind: 'user', sub: claims.sub });
  const me: Me = { id, ...profileOf(claims), createdAt: null };
  return (await directory.register(me)) ?? me;
};

const userAgentLengthMax = 256;

const sessionOf = async (
  request: Request,
  { tokens, claims, me, issuer }: { tokens: Tokens; claims: IDToken; me: Me; issuer: IssuerClient },
) => ({
  userId: me.id,
  issuer: issuer.alias,
  tokens,
  me,
  userAgent: (request.headers.get('user-agent') ?? '').slice(0, userAgentLengthMax),
  issuerSid: typeof claims.sid === 'string' ? await hashedIssuerName(issuer.alias, claims.sid) : null,
});
