import type { Log } from '@chatapp/service/log';
import { sessionName } from '../audit/audit.ts';
import type { KnownSessions } from './known-sessions.ts';
import type { SessionEnd } from './session.ts';
import type { SessionRecord, SessionStore } from './session-store.ts';

export interface NoteExpiredOptions {
  readonly store: Pick<SessionStore, 'expire'>;
  readonly known: Pick<KnownSessions, 'expired' | 'forget'>;
  /** Told of each end once, over all instances. */
  readonly onEnd: (end: SessionEnd) => void;
  readonly log: Log;
}

/**
 * Notes that a session ended by itself, where somebody looks for it afterwards. One that was idle for too long is gone from Redis by then: only an instance that knew it
 * can tell whose it was. No event goes out: whoever holds its sockets looks it up, and sends its person away in turn with others.
 */
export const createNoteExpired =
  ({ store, known, onEnd, log }: NoteExpiredOptions) =>
  async (sid: string, record: SessionRecord | undefined): Promise<void> => {
    const session = record ?? known.expired(sid)?.session;
    if (session === undefined) return;
    known.forget(sid);
    try {
      if (await store.expire(sid, session, { stored: record !== undefined }))
        onEnd({ sid, userId: session.userId, reason: 'expired' });
    } catch (error) {
      log.warn({ error, session: sessionName(sid) }, 'the end of a session could not be noted');
    }
  };
