import type { Clock } from '@chatapp/resilience/clock';
import { withDatabaseRetry } from '@chatapp/service/database';
import type { Log } from '@chatapp/service/log';
import type { Leases } from '../commands/leases.ts';
import { eventsLease } from './consumer.ts';
import { readDepartures } from './departure-store.ts';
import { type ErasePersonOptions, erasePerson } from './erase-person.ts';
import { eraseConversation, readErasures } from './erasure-store.ts';

const intervalMs = 5000;

export interface EraserOptions extends ErasePersonOptions {
  readonly leases: Pick<Leases, 'held'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly everyMs?: number;
}

/** Erases what conversations and people gave up for good, while this instance holds the lease of the events, until the signal aborts. */
export const runEraser = async (options: EraserOptions, signal: AbortSignal): Promise<void> => {
  const { leases, clock, log, everyMs = intervalMs } = options;
  while (!signal.aborted) {
    await clock.sleep(everyMs, signal).catch(() => undefined);
    if (signal.aborted || !leases.held().has(eventsLease)) continue;
    await eraseAll(options).catch((error) => log.warn({ error }, 'erasing failed; it is tried again'));
  }
};

const eraseAll = async (options: EraserOptions): Promise<void> => {
  const { sql } = options;
  for (const conversationId of await readErasures(sql)) {
    await withDatabaseRetry(() => eraseConversation(sql, conversationId));
  }
  for (const departure of await readDepartures(sql)) await withDatabaseRetry(() => erasePerson(options, departure));
};
