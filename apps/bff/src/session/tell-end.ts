import type { BusEventOf } from '@chatapp/contract/events';
import type { Clock } from '@chatapp/resilience/clock';
import type { Log } from '@chatapp/service/log';
import { sessionName } from '../audit/audit.ts';
import type { SessionEnd } from './sessions.ts';

export type SessionEnded = BusEventOf<'session.ended'>;

export interface TellEndOptions {
  readonly publish: (event: SessionEnded) => Promise<unknown>;
  readonly now: () => number;
  readonly clock: Clock;
  readonly log: Log;
}

/** For a minute: by then whoever holds a socket of the session has asked whether it lives. */
const pauseMs = 1000;
const attemptsMax = 60;

/**
 * Tells every service that a session ended. It is gone already, and who tried again would find none to end: so where Redis does not take the event at once,
 * it is told beside the request until it is taken.
 */
export const createTellEnd = ({ publish, now, clock, log }: TellEndOptions) => {
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

  return async (end: SessionEnd): Promise<void> => {
    const event = sessionEnded(end, now());
    try {
      await publish(event);
    } catch (error) {
      log.warn({ error, session: sessionName(end.sid) }, 'the end of a session could not be told yet');
      void tellLate(event);
    }
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
