import { ProblemError } from '@chatapp/service/problem';
import { decodeJwt, jwtVerify } from 'jose';
import type { IssuerClient } from './issuer-client.ts';
import type { Issuers } from './issuers.ts';

/** Whose sessions end: all of a person (`sub`), or those of one session at the issuer (`sid`). */
export interface LogoutClaims {
  readonly sub: string | undefined;
  readonly sid: string | undefined;
  readonly jti: string;
}

const eventName = 'http://schemas.openid.net/event/backchannel-logout';
export const logoutTokenSecondsMax = 120;
const skewSeconds = 30;

/** Checks a logout token as OpenID Connect Back-Channel Logout 1.0 §2.6 says, and tells whose it is. Throws `malformed`, or `unavailable` where its issuer's keys cannot be had. */
export const readLogoutToken = async (
  token: string,
  { issuers, now }: { issuers: Issuers; now: () => number },
): Promise<{ issuer: IssuerClient; claims: LogoutClaims }> => {
  const issuer = await issuerOf(token, issuers);
  const { issuer: name } = await issuer.metadata();
  const { payload } = await jwtVerify(token, issuer.keys, {
    algorithms: ['RS256', 'ES256', 'PS256'],
    typ: issuer.logoutTokenTyp,
    issuer: name,
    audience: issuer.clientId,
    requiredClaims: ['iat', 'exp', 'jti', 'events'],
    maxTokenAge: logoutTokenSecondsMax,
    clockTolerance: skewSeconds,
    currentDate: new Date(now()),
  }).catch((cause) => {
    throw refused(cause);
  });
  const { sub, sid, jti, nonce, events } = payload;
  const isLogout = isObject(events) && isObject(events[eventName]);
  if (!isLogout || nonce !== undefined || typeof jti !== 'string') throw refused();
  if (sid !== undefined && typeof sid !== 'string') throw refused();
  if (sub === undefined && sid === undefined) throw refused();
  return { issuer, claims: { sub, sid, jti } };
};

/** Which issuer's keys to look at; whether the token is really theirs, the signature says. */
const issuerOf = async (token: string, { all }: Issuers): Promise<IssuerClient> => {
  if (all.length === 1) return all[0];
  const named = namedIssuer(token);
  for (const issuer of all) {
    const metadata = await issuer.metadata().catch(() => undefined);
    if (metadata?.issuer === named) return issuer;
  }
  return all[0];
};

const namedIssuer = (token: string): string | undefined => {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const refused = (cause?: unknown): ProblemError =>
  cause instanceof Error && cause.name === 'KeysUnavailableError'
    ? new ProblemError('unavailable', { retryAfterMs: 5000, cause })
    : new ProblemError('malformed', { detail: 'This is no logout token for this client.', cause });
