import type { Clock } from '@chatapp/resilience/clock';
import type { Log } from '@chatapp/service/log';

interface EveryOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** Runs `work` every `ms` (from the end of one run to the start of the next) until the signal aborts. A failed run is logged and forgotten. */
export const every = async (ms: number, work: () => Promise<void> | void, options: EveryOptions): Promise<void> => {
  const { clock, signal, log } = options;
  while (!signal.aborted) {
    await clock.sleep(ms, signal).catch(() => undefined);
    if (signal.aborted) return;
    try {
      await work();
    } catch (error) {
      log.warn({ error }, 'a periodic task failed');
    }
  }
};
