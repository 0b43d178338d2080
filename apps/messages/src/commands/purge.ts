import type { Clock } from '@chatapp/resilience/clock';
import type { Log } from '@chatapp/service/log';
import type { Sql } from 'postgres';
import { commandAgeMaxMs } from './decide.ts';
import type { Leases } from './leases.ts';
import { purgeApplied } from './purge-store.ts';

const intervalMs = 3_600_000;
/** Kept for longer than a command lives, so that clocks may differ. */
const keptMs = commandAgeMaxMs + intervalMs;

/** Once an hour each shard's holder forgets what no repeat can ask for any more. */
export const runPurge = async (
  options: { readonly sql: Sql; readonly leases: Leases; readonly clock: Clock; readonly log: Log },
  signal: AbortSignal,
): Promise<void> => {
  const { sql, leases, clock, log } = options;
  while (!signal.aborted) {
    await clock.sleep(intervalMs, signal).catch(() => undefined);
    if (signal.aborted) return;
    for (const shard of leases.held().keys()) {
      await purgeApplied(sql, Number(shard), new Date(clock.now() - keptMs)).catch((error) =>
        log.warn({ error, shard }, 'forgetting old commands failed'),
      );
    }
  }
};
