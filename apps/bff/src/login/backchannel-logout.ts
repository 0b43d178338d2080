import { userIdOf } from '@chatapp/contract/ids';
import { limits } from '@chatapp/contract/limits';
import { readText } from '@chatapp/service/json';
import { ProblemError } from '@chatapp/service/problem';
import type { Audit } from '../audit/audit.ts';
import type { Sessions } from '../session/sessions.ts';
import { hashedIssuerName } from './issuer-name.ts';
import type { Issuers } from './issuers.ts';
import type { LoginStore } from './login-store.ts';
import { type LogoutClaims, logoutTokenSecondsMax, readLogoutToken } from './logout-token.ts';

export interface BackchannelLogoutParts {
  readonly issuers: Issuers;
  readonly store: LoginStore;
  readonly sessions: Sessions;
  readonly audit: Audit;
  readonly now: () => number;
}

/** Longer than any token of that `jti` can be valid. */
const rememberMs = (logoutTokenSecondsMax + 60) * 2 * 1000;

/** `POST /bff/backchannel-logout`: an issuer says that somebody signed out there. Ends the sessions that it names, each token once. */
export const backchannelLogout = async (request: Request, parts: BackchannelLogoutParts): Promise<Response> => {
  const { issuers, store, sessions, audit, now } = parts;
  try {
    const { issuer, claims } = await readLogoutToken(await logoutTokenOf(request), { issuers, now });
    const jti = await hashedIssuerName(issuer.alias, claims.jti);
    if (!(await store.isFirstUse(jti, rememberMs))) {
      throw new ProblemError('malformed', { detail: 'This logout token was used before.' });
    }
    try {
      const named = await namedSessions(claims, issuer.alias, sessions);
      for (const sid of named) await sessions.end(sid, 'backchannel-logout', request);
      audit({ event: 'backchannel-logout.accepted', issuer: issuer.alias, count: named.length }, request);
    } catch (error) {
      // The issuer may send the same token again.
      await store.forgetUse(jti).catch(() => undefined);
      throw error;
    }
  } catch (error) {
    if (error instanceof ProblemError && error.status < 500) audit({ event: 'backchannel-logout.refused' }, request);
    throw error;
  }
  return new Response(null, { status: 200, headers: { 'cache-control': 'no-store' } });
};

const logoutTokenOf = async (request: Request): Promise<string> => {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim();
  if (type !== 'application/x-www-form-urlencoded') {
    throw new ProblemError('media-type', { detail: 'Send application/x-www-form-urlencoded.' });
  }
  const form = new URLSearchParams(await readText(request, limits.httpBodyBytesMax));
  return form.get('logout_token') ?? '';
};

/** Of that issuer's people. With both names only sessions that fit both; a `sid` of somebody else makes the token a bad one, that of a session which is over does not. */
const namedSessions = async (
  { sub, sid }: LogoutClaims,
  issuerAlias: string,
  sessions: Sessions,
): Promise<string[]> => {
  const userId = sub === undefined ? undefined : await userIdOf({ issuerAlias, kind: 'user', sub });
  if (sid === undefined) return userId === undefined ? [] : sidsOf(await sessions.ofUser(userId));
  const bySid = await sessions.ofIssuerSid(await hashedIssuerName(issuerAlias, sid));
  if (userId !== undefined && bySid.some(({ record }) => record.userId !== userId)) {
    throw new ProblemError('malformed', { detail: 'This logout token names a session of somebody else.' });
  }
  return sidsOf(bySid);
};

const sidsOf = (sessions: readonly { readonly sid: string }[]): string[] => sessions.map(({ sid }) => sid);
