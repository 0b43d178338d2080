import { closeCodes } from '@chatapp/contract/frames';
import type { Log } from '@chatapp/service/log';
import type { ReadLiveSessions } from './live-sessions.ts';
import type { Session, Sessions } from './sessions.ts';

export interface SessionWatchOptions {
  readonly sessions: Sessions;
  readonly readLive: ReadLiveSessions;
  /** Wall clock, ms. */
  readonly now: () => number;
  readonly log: Log;
}

export interface SessionWatch {
  /** Looks at the ends of all sessions: those that come soon are told, those that came are checked, and acted on. Every second. */
  tick(): Promise<void>;
  /** Looks all sessions up at the BFF: the backstop for an end that no event told. Every minute. */
  sweep(): Promise<void>;
  check(sids: readonly string[]): Promise<void>;
}

/** People are told this long before their session ends, so that the page can keep it alive. */
const warnMs = 120_000;

/**
 * No socket outlives what it was opened with. The end that a ticket names may have moved since (a session slides), so at that moment the BFF is
 * asked; where it does not answer the socket ends too, with a code that lets the client come back with a new ticket.
 */
export const createSessionWatch = ({ sessions, readLive, now, log }: SessionWatchOptions): SessionWatch => {
  let isChecking = false;

  const check = async (sids: readonly string[]) => {
    const live = await readLive(sids);
    for (const sid of sids) {
      const session = sessions.bySid(sid);
      if (session === undefined) continue;
      const expiresAt = live.get(sid);
      if (expiresAt === undefined || expiresAt <= now()) {
        sessions.noteEnded(sid, now());
        session.close(closeCodes.signedOut, 'signed out');
      } else if (expiresAt !== session.expiresAt) move(session, expiresAt);
    }
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
      await check(sessions.all().flatMap(({ sid }) => (sid === null ? [] : [sid])));
    },
  };
};
