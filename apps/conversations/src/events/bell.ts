import type { Clock } from '@chatapp/resilience/clock';

/** A bell: `ring` ends the present or the next `wait` early. */
export interface Bell {
  ring(): void;
  wait(options: { atMostMs: number; clock: Clock; signal: AbortSignal }): Promise<void>;
}

export const createBell = (): Bell => {
  let rung = Promise.withResolvers<void>();
  return {
    ring: () => rung.resolve(),
    async wait({ atMostMs, clock, signal }) {
      const over = new AbortController();
      const pause = clock.sleep(atMostMs, AbortSignal.any([signal, over.signal])).catch(() => undefined);
      await Promise.race([rung.promise, pause]);
      over.abort();
      rung = Promise.withResolvers();
    },
  };
};
