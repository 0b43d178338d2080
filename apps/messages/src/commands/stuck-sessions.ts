import type { Clock } from '@chatapp/resilience/clock';
import type { Log } from '@chatapp/service/log';
import type { Sql } from 'postgres';
import { endStuckSessions } from './stuck-session-store.ts';

const intervalMs = 1000;

/**
 * Frees the locks of instances that were frozen between the two halves of a statement that they ran for the first time: the server waits for the second half, and counts
 * neither `idle_in_transaction_session_timeout` nor `statement_timeout` meanwhile. Every instance looks once a second, until the signal aborts.
 */
export const runStuckSessionWatch = async (
  options: { readonly sql: Sql; readonly leaseMs: number; readonly clock: Clock; readonly log: Log },
  signal: AbortSignal,
): Promise<void> => {
  const { sql, leaseMs, clock, log } = options;
  while (!signal.aborted) {
    await clock.sleep(intervalMs, signal).catch(() => undefined);
    if (signal.aborted) return;
    await endStuckSessions(sql, Math.min(leaseMs, 3000)).then(
      (count) => count > 0 && log.warn({ count }, 'sessions of a silent instance were ended'),
      (error) => log.debug({ error }, 'silent sessions were not looked for'),
    );
  }
};
