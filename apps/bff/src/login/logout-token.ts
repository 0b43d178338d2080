import { ProblemError } from '@chatapp/service/problem';
import { type JWTVerifyGetKey, jwtVerify } from 'jose';

/** Whose sessions end: all of a person (`sub`), or those of one session at the issuer (`sid`). */
export interface LogoutClaims {
  readonly sub: string | undefined;
  readonly sid: string | undefined;
  readonly jti: string;
}

export interface LogoutTokenChecks {
  readonly keys: JWTVerifyGetKey;
  readonly issuer: string;
  readonly clientId: string;
  readonly now: () => number;
}

const eventName = 'http://schemas.openid.net/event/backchannel-logout';
export const logoutTokenSecondsMax = 120;
const skewSeconds = 30;

/** Validates a logout token (OIDC Back-Channel Logout 1.0 §2.6) but for its single use. Throws `malformed`, or `unavailable` where no key is known. */
export const readLogoutToken = async (token: string, checks: LogoutTokenChecks): Promise<LogoutClaims> => {
  const { payload } = await jwtVerify(token, checks.keys, {
    algorithms: ['RS256', 'ES256', 'PS256'],
    typ: 'logout+jwt',
    issuer: checks.issuer,
    audience: checks.clientId,
    requiredClaims: ['iat', 'exp', 'jti', 'events'],
    maxTokenAge: logoutTokenSecondsMax,
    clockTolerance: skewSeconds,
    currentDate: new Date(checks.now()),
  }).catch((cause) => {
    throw refused(cause);
  });
  const { sub, sid, jti, nonce, events } = payload;
  const isLogout = isObject(events) && isObject(events[eventName]);
  if (!isLogout || nonce !== undefined || typeof jti !== 'string') throw refused();
  if (sid !== undefined && typeof sid !== 'string') throw refused();
  if (sub === undefined && sid === undefined) throw refused();
  return { sub, sid, jti };
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const refused = (cause?: unknown): ProblemError =>
  cause instanceof Error && cause.name === 'KeysUnavailableError'
    ? new ProblemError('unavailable', { retryAfterMs: 5000, cause })
    : new ProblemError('malformed', { detail: 'This is no logout token for this client.', cause });
