import type { Log } from '@chatapp/service/log';
import { ProblemError } from '@chatapp/service/problem';
import { type Audit, sessionName } from '../audit/audit.ts';
import { RefreshRefusedError } from '../login/issuer-errors.ts';
import type { Issuers } from '../login/issuers.ts';
import type { Session, Tokens } from './session.ts';
import type { LiveSession, Sessions } from './sessions.ts';
import { createUnsavedTokens } from './unsaved-tokens.ts';

/** Each throws `signed-out` when the issuer renews no more (the session is ended then), `unavailable` while issuer or Redis do not answer. */
export interface AccessTokens {
  /**
   * A session's access token, renewed in time: one request to the issuer a session over all instances. Shortly before its end the token is renewed
   * beside the request, which goes on with the present one; after its end the request waits.
   */
  of(live: LiveSession, request: Request): string | Promise<string>;
  /** Another one where a service refused this one before its end, as it must when the issuer withdrew its key; the same where that was tried a moment ago. */
  inPlaceOf(refused: string, live: LiveSession, request: Request): Promise<string>;
}

const pauseMs = 2000;
/** A service that takes no token at all must not make the issuer renew one with every request. */
const forcedPauseMs = 30_000;
const forcedMax = 10_000;

export const createAccessTokens = (options: {
  sessions: Sessions;
  issuers: Pick<Issuers, 'of'>;
  now: () => number;
  log: Log;
  audit: Audit;
}): AccessTokens => {
  const { sessions, issuers, now, log, audit } = options;
  const flights = new Map<string, Promise<string>>();
  const unsaved = createUnsavedTokens(now);
  let pausedUntil = 0;

  /** When a session's token was last renewed before its time. */
  const forcedAt = new Map<string, number>();
  const mayForce = (present: Tokens, sid: string): boolean => {
    if (unsaved.successorOf(sid, present.accessToken) !== undefined) return true;
    // It lives for as long as its access token, whatever one service says of that.
    if (present.refreshToken === null) return false;
    if (now() - (forcedAt.get(sid) ?? Number.NEGATIVE_INFINITY) < forcedPauseMs) return false;
    if (forcedAt.size >= forcedMax) forcedAt.clear();
    forcedAt.set(sid, now());
    return true;
  };

  const renew = async (live: LiveSession, { former, isForced, request }: Renewal): Promise<string> => {
    let renewed: Tokens | undefined;
    try {
      const changed = await sessions.change(live, async (present) => {
        // Somebody else was here before: an instance, or a tab.
        if (present.tokens.accessToken !== former) return present;
        if (isForced && !mayForce(present.tokens, live.sid)) return present;
        renewed = await successorOf(live.sid, present);
        return { ...present, tokens: renewed };
      });
      unsaved.forget(live.sid);
      if (changed !== undefined) return changed.session.tokens.accessToken;
    } catch (error) {
      if (renewed !== undefined) unsaved.keep(live.sid, former, renewed);
      if (!(error instanceof RefreshRefusedError)) throw error;
      return await afterRefusal(live, { former, request }, error);
    }
    // The session ended while its token was renewed: nobody may be left with a refresh token that works.
    if (renewed?.refreshToken) await issuers.of(live.session).revoke(renewed.refreshToken);
    throw new ProblemError('signed-out');
  };

  /** New tokens of the issuer, or those that it gave before and Redis did not take. */
  const successorOf = async (sid: string, present: Session): Promise<Tokens> => {
    const kept = unsaved.successorOf(sid, present.tokens.accessToken);
    if (kept !== undefined && now() < kept.refreshAt) return kept;
    const newest = kept ?? present.tokens;
    return await issuers.of(present).refresh(refreshTokenOf(newest), newest);
  };

  /**
   * The issuer takes each refresh token once. If ours is not the present one somebody renewed it; if the session ended meanwhile, that may have revoked it, which
   * is no alarm; else it was revoked at the issuer, or stolen.
   */
  const afterRefusal = async (
    live: LiveSession,
    { former, request }: Pick<Renewal, 'former' | 'request'>,
    cause: unknown,
  ): Promise<string> => {
    const present = await sessions.read(live.vault);
    if (present === undefined) throw new ProblemError('signed-out', { cause });
    const { accessToken } = present.session.tokens;
    if (accessToken !== former) return accessToken;
    log.warn({ session: sessionName(live.sid), error: cause }, 'the issuer refuses to renew a session');
    audit({ event: 'refresh.refused', userId: live.session.userId, session: sessionName(live.sid) }, request);
    await sessions.end(live.sid, 'refresh-refused', request);
    throw new ProblemError('signed-out', { cause });
  };

  const flightOf = (live: LiveSession, renewal: Renewal): Promise<string> => {
    const flying = flights.get(live.sid);
    if (flying) return flying;
    const flight = renew(live, renewal).finally(() => flights.delete(live.sid));
    flights.set(live.sid, flight);
    return flight;
  };

  /** While the issuer is away not every request knocks there: the tokens are good still. */
  const renewAhead = (live: LiveSession, renewal: Renewal): void => {
    if (now() < pausedUntil) return;
    flightOf(live, renewal).catch((error) => {
      // The session ended meanwhile, which says nothing about the issuer.
      if (error instanceof ProblemError && error.code === 'signed-out') return;
      pausedUntil = now() + pauseMs;
      log.warn({ error, session: sessionName(live.sid) }, 'renewing a token ahead of time failed');
    });
  };

  return {
    of(live, request) {
      const { accessToken, refreshToken, refreshAt, accessExpiresAt } = live.session.tokens;
      // What cannot be renewed is good to its end.
      if (now() < (refreshToken === null ? accessExpiresAt : refreshAt)) return accessToken;
      const renewal = { former: accessToken, isForced: false, request };
      if (now() >= accessExpiresAt) return flightOf(live, renewal);
      renewAhead(live, renewal);
      return accessToken;
    },
    inPlaceOf: (refused, live, request) => flightOf(live, { former: refused, isForced: true, request }),
  };
};

interface Renewal {
  /** The access token that is to be replaced: where the session has another one, somebody was here before. */
  readonly former: string;
  /** Before its time. */
  readonly isForced: boolean;
  /** The first one that it is for: others may wait for it, too. */
  readonly request: Request;
}

const refreshTokenOf = ({ refreshToken }: Tokens): string => {
  if (refreshToken === null) throw new RefreshRefusedError('the issuer gave no refresh token');
  return refreshToken;
};
