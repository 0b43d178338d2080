import type { Clock } from '@chatapp/resilience/clock';
import type { Sql } from 'postgres';
import type { Log } from './log.ts';
import { endStuckSessions } from './stuck-session-store.ts';

const intervalMs = 1000;

/**
 * Frees the locks of instances that were frozen between the two halves of a statement that they ran for the first time: the server waits for the second half, and counts
 * neither `idle_in_transaction_session_timeout` nor `statement_timeout` meanwhile. Every instance looks once a second, until the signal aborts.
 */
export const runStuckSessionWatch = async (
  options: {
    readonly sql: Sql;
    /** A living client sends what belongs to one statement at once. */
    readonly silentMs: number;
    readonly clock: Clock;
    readonly log: Log;
  },
  signal: AbortSignal,
): Promise<void> => {
  const { sql, silentMs, clock, log } = options;
  while (!signal.aborted) {
    await clock.sleep(intervalMs, signal).catch(() => undefined);
    if (signal.aborted) return;
    await endStuckSessions(sql, silentMs).then(
      (count) => count > 0 && log.warn({ count }, 'sessions of a silent instance were ended'),
      (error) => log.debug({ error }, 'silent sessions were not looked for'),
    );
  }
};
