import type { Log } from '@chatapp/service/log';
import { sessionName } from '../audit/audit.ts';
import { endOf, type Lifetimes } from './session.ts';
import type { SessionRecord, SessionStore, StoredSession } from './session-store.ts';

/** What is told of a session that lives. `sid` names it in public; instants in ms since the epoch. */
export interface Life {
  readonly sid: string;
  /** The last use that was noted: less than a second before the last one. */
  readonly usedAt: number;
  /** Its end unless it is used. */
  readonly expiresAt: number;
}

/** A session that was found by its sid: what is sealed stays so. */
export interface LivingSession extends Life {
  readonly record: SessionRecord;
}

export interface LivingSessionsOptions {
  readonly store: Pick<SessionStore, 'read' | 'keep'>;
  readonly lifetimes: Lifetimes;
  /** Told of each that lives no more when it is looked for, with its record unless that is gone. */
  readonly onOver: (sid: string, record: SessionRecord | undefined) => Promise<void>;
  readonly now: () => number;
  readonly log: Log;
}

/** The one judge of whether a session lives. Redis keeps each for the idle time from its last use on, whatever its age. */
export const createLivingSessions = ({ store, lifetimes, onOver, now, log }: LivingSessionsOptions) => {
  /** False where Redis did not take it: whoever asks goes on, and the next one notes it. */
  const noteUse = async (sid: string): Promise<boolean> => {
    try {
      await store.keep(sid, lifetimes.idleMs);
      return true;
    } catch (error) {
      log.warn({ error, session: sessionName(sid) }, 'a session could not be prolonged');
      return false;
    }
  };

  const judge = async (sid: string, { record, leftMs }: StoredSession): Promise<LivingSession | undefined> => {
    // Idle times have been made shorter since: when it was used is not known, so the shorter one counts from now.
    if (leftMs > lifetimes.idleMs) await noteUse(sid);
    const usedAt = now() - Math.max(0, lifetimes.idleMs - leftMs);
    const expiresAt = endOf(record, usedAt, lifetimes);
    return expiresAt > now() ? { sid, usedAt, expiresAt, record } : undefined;
  };

  const find = async (sid: string): Promise<LivingSession | undefined> => {
    const stored = await store.read(sid);
    const living = stored && (await judge(sid, stored));
    if (living === undefined) await onOver(sid, stored?.record);
    return living;
  };

  return {
    find,
    findAll: async (sids: readonly string[]): Promise<LivingSession[]> =>
      (await Promise.all(sids.map(find))).filter((session) => session !== undefined),
    noteUse,
  };
};
