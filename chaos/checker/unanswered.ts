import type { HistoryEvent } from '../../dev/testing/history.ts';
import type { EventOf } from './evidence.ts';

/** A kept connection of the dead process may be taken once more before its end is heard of; and clocks of two processes differ a little. */
const noticedWithinMs = 500;
const clockMs = 100;

/** The HTTP requests that nobody answered although they were not under way at any of these moments, when a process died. */
export const brokenOffLater = (events: readonly HistoryEvent[], diedAt: readonly number[]): EventOf<'error'>[] =>
  unanswered(events).filter(
    ({ at, ms }) => !diedAt.some((death) => at - ms <= death + noticedWithinMs && at >= death - clockMs),
  );

const unanswered = (events: readonly HistoryEvent[]): EventOf<'error'>[] =>
  events.filter(
    (event): event is EventOf<'error'> => event.k === 'error' && event.status === 0 && event.op.startsWith('HTTP '),
  );
