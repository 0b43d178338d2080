import type { Size } from './size.ts';

/** Lets people go, again and again, one after another, until stopped: then the last of them has gone. */
export const keepDeparting = (
  { firstMs, everyMs }: Size['departures'],
  sleep: (ms: number) => Promise<void>,
  depart: () => Promise<unknown>,
): { stop(): Promise<void> } => {
  let isStopped = false;
  const stopped = Promise.withResolvers<void>();
  const pause = (ms: number) => Promise.race([sleep(ms), stopped.promise]);
  const run = async () => {
    for (let waitMs: number | null = firstMs; waitMs !== null; waitMs = everyMs) {
      await pause(waitMs);
      if (isStopped) return;
      await depart();
    }
  };
  const running = run();
  // Whoever stops it is told.
  running.catch(() => undefined);
  return {
    stop() {
      isStopped = true;
      stopped.resolve();
      return running;
    },
  };
};
