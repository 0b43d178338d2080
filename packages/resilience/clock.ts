import type { Signal } from './signal.ts';
import { createTimerQueues } from './timer-queue.ts';

/**
 * Time as an argument.
 *
 * `now` is in milliseconds since the epoch but never jumps: it follows the monotonic clock from the start of the process, so that a
 * correction of the wall clock neither shortens nor prolongs a deadline. Compare a token's `exp` with `Date.now()` instead.
 */
export interface Clock {
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason as soon as that aborts. */
  sleep(ms: number, signal?: Signal): Promise<void>;
  /** Runs `work` after `ms`, unless what it answers is called before: a time limit on every request must cost no promise and no signal. */
  after(ms: number, work: () => void): () => void;
}

const { timeOrigin } = performance;

const now = () => timeOrigin + performance.now();

export const systemClock: Clock = {
  now,
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, ms);
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
  after: createTimerQueues(now),
};
