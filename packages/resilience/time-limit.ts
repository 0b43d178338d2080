import type { Clock } from './clock.ts';
import { LazySignal, type Signal } from './signal.ts';

export interface TimeLimitOptions<T> {
  readonly ms: number;
  readonly clock: Clock;
  /** Made when the time is over. */
  readonly error: () => Error;
  /** Ends the work earlier, with its own reason. */
  readonly signal?: Signal | undefined;
  /** Takes a value that came too late to be returned, to free what it holds. */
  readonly discard?: ((value: T) => void) | undefined;
  /** Whether the work's signal goes on following `signal` when a value has come: a body that streams on ends with its reader. */
  readonly lasts?: boolean | undefined;
}

/** Runs `work` with a signal that aborts after `ms`, and stops waiting for it at that moment whether it heeds the signal or not. */
export function withTimeLimit<T>(
  work: (signal: LazySignal) => Promise<T>,
  { ms, clock, error, signal, discard, lasts = false }: TimeLimitOptions<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const limit = new LazySignal();
    let isWaiting = true;
    const finish = ({ goesOn }: { goesOn: boolean }) => {
      isWaiting = false;
      stop();
      if (!goesOn) signal?.removeEventListener('abort', follow);
    };
    const abort = (reason: unknown) => {
      finish({ goesOn: false });
      limit.abort(reason);
      reject(reason);
    };
    const follow = () => (isWaiting ? abort(signal?.reason) : limit.abort(signal?.reason));
    const stop = clock.after(ms, () => abort(error()));
    signal?.addEventListener('abort', follow, { once: true });
    work(limit).then(
      (value) => {
        if (!isWaiting) return discard?.(value);
        finish({ goesOn: lasts });
        resolve(value);
      },
      (fault) => {
        if (!isWaiting) return;
        finish({ goesOn: false });
        reject(fault);
      },
    );
  });
}
