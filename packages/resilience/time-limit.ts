import type { Clock } from './clock.ts';

export interface TimeLimitOptions<T> {
  readonly ms: number;
  readonly clock: Clock;
  /** Made when the time is over. */
  readonly error: () => Error;
  /** Ends the work earlier, with its own reason. */
  readonly signal?: AbortSignal | undefined;
  /** Takes a value that came too late to be returned, to free what it holds. */
  readonly discard?: ((value: T) => void) | undefined;
}

/** Runs `work` with a signal that aborts after `ms`, and stops waiting for it at that moment whether it heeds the signal or not. */
export async function withTimeLimit<T>(
  work: (signal: AbortSignal) => Promise<T>,
  options: TimeLimitOptions<T>,
): Promise<T> {
  const { ms, clock, error, signal, discard } = options;
  signal?.throwIfAborted();
  const limit = new AbortController();
  const timer = new AbortController();
  const follow = () => limit.abort(signal?.reason);
  signal?.addEventListener('abort', follow, { once: true });
  clock.sleep(ms, timer.signal).then(
    () => limit.abort(error()),
    () => undefined, // The work was done in time.
  );
  try {
    return await settledOrAborted(work(limit.signal), limit.signal, discard);
  } finally {
    signal?.removeEventListener('abort', follow);
    timer.abort();
  }
}

function settledOrAborted<T>(work: Promise<T>, signal: AbortSignal, discard?: (value: T) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(
      (value) => {
        if (signal.aborted) return discard?.(value);
        signal.removeEventListener('abort', onAbort);
        resolve(value);
      },
      (error) => {
        signal.removeEventListener('abort', onAbort);
        reject(signal.aborted ? signal.reason : error);
      },
    );
  });
}
