import { closeCodes } from '@chatapp/contract/frames';
import { sessionSweep } from '@chatapp/contract/limits';
import type { Clock } from '@chatapp/resilience/clock';
import { inTurn } from '@chatapp/resilience/in-turn';
import type { Log } from '@chatapp/service/log';
import type { ReadLiveSessions } from './live-sessions.ts';
import type { Session, Sessions } from './sessions.ts';

export interface SessionWatchOptions {
  readonly sessions: Sessions;
  readonly readLive: ReadLiveSessions;
  /** Wall clock, ms. */
  readonly now: () => number;
  readonly clock: Clock;
  readonly log: Log;
}

export interface SessionWatch {
  /** Looks at the ends of all sessions: those that come soon are told, those that came are checked, and acted on. Every second. */
  tick(): Promise<void>;
  /**
   * Looks all sessions up at the BFF: the backstop for an end that no event told. Their people are sent away one after another: where a store lost all
   * sessions, they would all sign in at the same moment.
   */
  sweep(): Promise<void>;
  check(sids: readonly string[]): Promise<void>;
}

/** People are told this long before their session ends, so that the page can keep it alive. */
const warnMs = 120_000;

/**
 * No socket outlives what it was opened with. The end that a ticket names may have moved since (a session slides), so at that moment the BFF is
 * asked; where it does not answer the socket ends too, with a code that lets the client come back with a new ticket.
 */
export const createSessionWatch = ({ sessions, readLive, now, clock, log }: SessionWatchOptions): SessionWatch => {
  let isChecking = false;

  /** Of these sessions those that are over; the others get the end that they have now. */
  const endedOf = async (sids: readonly string[]): Promise<string[]> => {
    const live = await readLive(sids);
    return sids.filter((sid) => {
      const session = sessions.bySid(sid);
      const expiresAt = live.get(sid);
      if (expiresAt === undefined || expiresAt <= now()) return true;
      if (session !== undefined && expiresAt !== session.expiresAt) move(session, expiresAt);
      return false;
    });
  };

  const end = (sid: string): void => {
    const session = sessions.bySid(sid);
    if (session === undefined) return;
    sessions.noteEnded(sid, now());
    session.close(closeCodes.signedOut, 'signed out');
  };

  const check = async (sids: readonly string[]) => {
    for (const sid of await endedOf(sids)) end(sid);
  };

  /** An extension is told only to those who were told of the end. */
  const move = (session: Session, expiresAt: number) => {
    session.expiresAt = expiresAt;
    if (session.warnedOf !== 0 && session.warnedOf !== expiresAt) tell(session);
  };

  const tell = (session: Session) => {
    session.warnedOf = session.expiresAt;
    session.send(JSON.stringify({ e: 'session', expiresAt: new Date(session.expiresAt).toISOString() }));
  };

  const endingSoon = (): Session[] =>
    sessions.all().filter(({ expiresAt, warnedOf }) => {
      const leftMs = expiresAt - now();
      return leftMs <= 0 || (leftMs <= warnMs && warnedOf !== expiresAt);
    });

  const look = async (ending: readonly Session[]) => {
    const sids = ending.flatMap(({ sid }) => (sid === null ? [] : [sid]));
    if (sids.length > 0) {
      await check(sids).catch((error) => log.warn({ error }, 'sessions that end cannot be looked up'));
    }
    for (const session of ending) {
      if (session.sid !== null && sessions.hasEnded(session.sid, now())) continue;
      // What is still over now was not extended: the BFF did not answer, or it is a token, which nobody extends.
      if (session.expiresAt <= now()) session.close(closeCodes.signInRefreshNeeded, 'sign-in refresh needed');
      else if (session.expiresAt - now() <= warnMs && session.warnedOf !== session.expiresAt) tell(session);
    }
  };

  return {
    check,
    async tick() {
      const ending = endingSoon();
      if (ending.length === 0 || isChecking) return;
      isChecking = true;
      try {
        await look(ending);
      } finally {
        isChecking = false;
      }
    },
    async sweep() {
      const ended = await endedOf(sessions.all().flatMap(({ sid }) => (sid === null ? [] : [sid])));
      await inTurn(ended, end, { clock, ...sessionSweep });
    },
  };
};
