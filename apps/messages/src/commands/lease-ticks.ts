import type { Clock } from '@chatapp/resilience/clock';
import type { Log } from '@chatapp/service/log';
import type { Leases } from './leases.ts';

const awayMs = 100;

/** Keeps leases alive until the signal aborts, beside the work done under them: a long batch must not lose them. */
export const keepLeases = async (
  leases: Leases,
  options: { readonly leaseMs: number; readonly clock: Clock; readonly log: Log },
  signal: AbortSignal,
): Promise<void> => {
  let away = false;
  while (!signal.aborted) {
    try {
      await leases.tick();
      away = false;
    } catch (error) {
      if (!away) options.log.warn({ error }, 'leases cannot be renewed');
      away = true;
    }
    // Redis may be back, or there for the first time, at any moment, and until then nobody saves anything.
    await options.clock
      .sleep(away ? Math.min(awayMs, options.leaseMs / 4) : options.leaseMs / 4, signal)
      .catch(() => undefined);
  }
};
