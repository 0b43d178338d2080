import type { Clock } from '@chatapp/resilience/clock';

/** Does the work at once, unless something was done for the key within the time: then when that is over, and only the last of what came. */
type Throttle = (key: string, work: () => void) => void;

/** Does at most one thing for each key in `everyMs`. */
export const createThrottle = (everyMs: number, clock: Clock): Throttle => {
  /** What waits, by the keys for which something was done within the time. */
  const waiting = new Map<string, (() => void) | undefined>();

  const run = (key: string, work: () => void) => {
    waiting.set(key, undefined);
    clock.after(everyMs, () => {
      const next = waiting.get(key);
      if (next === undefined) waiting.delete(key);
      else run(key, next);
    });
    work();
  };

  return (key, work) => {
    if (waiting.has(key)) waiting.set(key, work);
    else run(key, work);
  };
};
