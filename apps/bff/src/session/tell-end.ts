import type { BusEventOf } from '@chatapp/contract/events';
import type { Clock } from '@chatapp/resilience/clock';
import type { Log } from '@chatapp/service/log';
import { sessionName } from '../audit/audit.ts';
import type { SessionEnd } from './session.ts';

export type SessionEnded = BusEventOf<'session.ended'>;

export interface TellEndOptions {
  /** Closes the session's sockets that this process relays. */
  readonly closeSockets: (sid: string) => void;
  readonly publish: (event: SessionEnded) => Promise<unknown>;
  readonly now: () => number;
  readonly clock: Clock;
  readonly log: Log;
}

/** For the answer to a sign-in to reach the browser, with the cookie of the session that replaces another one. */
const replacedMs = 500;
/** For a minute: by then whoever holds a socket of the session has asked whether it lives. */
const pauseMs = 1000;
const attemptsMax = 60;

/**
 * Closes the sockets of a session that ended, and tells every service. It is gone already, and who tried again would find none to end: so where Redis does not take the event at once,
 * it is told beside the request until it is taken.
 */
export const createTellEnd = ({ closeSockets, publish, now, clock, log }: TellEndOptions) => {
  const tellLate = async (event: SessionEnded): Promise<void> => {
    for (let attempt = 1; attempt <= attemptsMax; attempt++) {
      await clock.sleep(pauseMs);
      const isTold = await publish(event).then(
        () => true,
        () => false,
      );
      if (isTold) return;
    }
    log.error({ event: event.id }, 'the end of a session was not told');
  };

  const tell = async (end: SessionEnd): Promise<void> => {
    closeSockets(end.sid);
    const event = sessionEnded(end, now());
    try {
      await publish(event);
    } catch (error) {
      log.warn({ error, session: sessionName(end.sid) }, 'the end of a session could not be told yet');
      void tellLate(event);
    }
  };

  return async (end: SessionEnd): Promise<void> => {
    if (end.reason !== 'signed-in-again') return await tell(end);
    // The browser's other tabs come back at once when their sockets close: by then with the new cookie, else they would be signed out.
    clock.after(replacedMs, () => void tell(end));
  };
};

const sessionEnded = (data: SessionEnd, now: number): SessionEnded => ({
  id: Bun.randomUUIDv7(),
  type: 'session.ended',
  v: 1,
  at: new Date(now).toISOString(),
  actor: data.userId,
  conversationId: null,
  version: null,
  data,
  traceparent: null,
});
