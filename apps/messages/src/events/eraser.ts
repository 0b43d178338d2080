import type { Clock } from '@chatapp/resilience/clock';
import { withDatabaseRetry } from '@chatapp/service/database';
import type { Log } from '@chatapp/service/log';
import type { Sql } from 'postgres';
import type { Leases } from '../commands/leases.ts';
import { eventsLease } from './consumer.ts';
import { eraseConversation, readErasures } from './erasure-store.ts';

const intervalMs = 5000;

/** Erases what conversations gave up for good, while this instance holds the lease of the events, until the signal aborts. */
export const runEraser = async (
  options: {
    readonly sql: Sql;
    readonly leases: Pick<Leases, 'held'>;
    readonly clock: Clock;
    readonly log: Log;
    readonly everyMs?: number;
  },
  signal: AbortSignal,
): Promise<void> => {
  const { sql, leases, clock, log, everyMs = intervalMs } = options;
  while (!signal.aborted) {
    await clock.sleep(everyMs, signal).catch(() => undefined);
    if (signal.aborted || !leases.held().has(eventsLease)) continue;
    await eraseAll(sql).catch((error) => log.warn({ error }, 'erasing failed; it is tried again'));
  }
};

const eraseAll = async (sql: Sql): Promise<void> => {
  for (const conversationId of await readErasures(sql)) {
    await withDatabaseRetry(() => eraseConversation(sql, conversationId));
  }
};
