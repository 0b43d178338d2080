import type { Clock } from '@chatapp/resilience/clock';
import type { Log } from '@chatapp/service/log';

/** Something that is looked after from time to time, by one instance at a time. */
export interface Sweep {
  /** The name of its lease, and in the log. */
  readonly name: string;
  readonly everyMs: number;
  /** Does what is due. Repeating it does no harm; a rejection is logged, and the next turn comes. */
  readonly run: () => Promise<void>;
}

/** Sweeps again and again, until the signal aborts. */
export const keepSweeping = async (
  { name, everyMs, run }: Sweep,
  { log, clock }: { log: Log; clock: Clock },
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    await run().catch((error) => log.warn({ error, sweep: name }, 'a sweep failed; trying again'));
    await clock.sleep(everyMs, signal).catch(() => undefined);
  }
};
