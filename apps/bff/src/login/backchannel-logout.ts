import { userIdOf } from '@chatapp/contract/ids';
import { limits } from '@chatapp/contract/limits';
import { readText } from '@chatapp/service/json';
import { ProblemError } from '@chatapp/service/problem';
import type { Sessions } from '../session/sessions.ts';
import type { IssuerClient } from './issuer-client.ts';
import { hashedIssuerSid } from './issuer-sid.ts';
import type { LoginStore } from './login-store.ts';
import { type LogoutClaims, logoutTokenSecondsMax, readLogoutToken } from './logout-token.ts';

export interface BackchannelLogoutParts {
  readonly issuer: IssuerClient;
  readonly issuerAlias: string;
  readonly clientId: string;
  readonly store: LoginStore;
  readonly sessions: Sessions;
  readonly now: () => number;
}

/** Longer than any token of that `jti` can be valid. */
const rememberMs = (logoutTokenSecondsMax + 60) * 2 * 1000;

/** `POST /bff/backchannel-logout`: the issuer says that somebody signed out there. Ends the sessions that it names, each token once. */
export const backchannelLogout = async (request: Request, parts: BackchannelLogoutParts): Promise<Response> => {
  const { issuer: name } = await parts.issuer.metadata();
  const checks = { keys: parts.issuer.keys, issuer: name, clientId: parts.clientId, now: parts.now };
  const claims = await readLogoutToken(await logoutTokenOf(request), checks);
  const jti = await hashedIssuerSid(claims.jti);
  if (!(await parts.store.isFirstUse(jti, rememberMs))) {
    throw new ProblemError('malformed', { detail: 'This logout token was used before.' });
  }
  try {
    for (const sid of await namedSessions(claims, parts)) await parts.sessions.end(sid, 'backchannel-logout');
  } catch (error) {
    // The issuer may send the same token again.
    await parts.store.forgetUse(jti).catch(() => undefined);
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

/** With both names only sessions that fit both: a `sid` of somebody else ends nothing. */
const namedSessions = async ({ sub, sid }: LogoutClaims, parts: BackchannelLogoutParts): Promise<string[]> => {
  const { sessions, issuerAlias } = parts;
  const bySid = sid === undefined ? undefined : await sessions.ofIssuerSid(await hashedIssuerSid(sid));
  if (sub === undefined) return bySid ?? [];
  const userId = await userIdOf({ issuerAlias, kind: 'user', sub });
  const bySub = (await sessions.ofUser(userId)).map((session) => session.sid);
  return bySid === undefined ? bySub : bySub.filter((one) => bySid.includes(one));
};
