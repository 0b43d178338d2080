import type { Clock } from './clock.ts';

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** A clock that stands still until a test advances it. */
export interface FakeClock extends Clock {
  /** Moves time on by `ms`, waking sleepers in order and letting what they wake run before the next one. */
  advance(ms: number): Promise<void>;
  /** How many sleepers wait. */
  sleepers(): number;
}

/** A clock for tests; `start` is its first `now`, in milliseconds. */
export function fakeClock(start = 0): FakeClock {
  let time = start;
  let waiting: Sleeper[] = [];

  const next = (until: number) => waiting.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];

  return {
    now: () => time,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const remove = () => {
          waiting = waiting.filter((other) => other !== sleeper);
        };
        const onAbort = () => {
          remove();
          reject(signal?.reason);
        };
        const wake = () => {
          remove();
          signal?.removeEventListener('abort', onAbort);
          resolve();
        };
        const sleeper: Sleeper = { at: time + ms, wake };
        waiting.push(sleeper);
        signal?.addEventListener('abort', onAbort, { once: true });
      }),
    after: (ms, work) => {
      const remove = () => {
        waiting = waiting.filter((other) => other !== sleeper);
      };
      const wake = () => {
        remove();
        work();
      };
      const sleeper: Sleeper = { at: time + ms, wake };
      waiting.push(sleeper);
      return remove;
    },
    async advance(ms) {
      const until = time + ms;
      await settle();
      for (let sleeper = next(until); sleeper; sleeper = next(until)) {
        time = Math.max(time, sleeper.at);
        sleeper.wake();
        await settle();
      }
      time = until;
    },
    sleepers: () => waiting.length,
  };
}

/** Lets every promise that is already resolved run its course. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
