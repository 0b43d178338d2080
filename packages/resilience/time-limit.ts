import type { Clock } from './clock.ts';
import { LazySignal, type Signal } from './signal.ts';

export interface TimeLimitOptions<T> {
  readonly ms: number;
  readonly clock: Pick<Clock, 'after'>;
  /** Made when the time is over. */
  readonly error: () => Error;
  /** Ends the work earlier, with its own reason. */
  readonly signal?: Signal | undefined;
  /** How long nobody listens to `signal`: where that costs more than most works take. 0 unless said. */
  readonly unwatchedMs?: number | undefined;
  /** Takes a value that came too late to be returned, to free what it holds. */
  readonly discard?: ((value: T) => void) | undefined;
  /** Whether the work's signal goes on following `signal` when this value has come: a body that streams on ends with its reader. */
  readonly lasts?: ((value: T) => boolean) | undefined;
}

/** Runs `work` with a signal that aborts after `ms`, and stops waiting for it at that moment whether it heeds the signal or not. */
export function withTimeLimit<T>(work: (signal: LazySignal) => Promise<T>, options: TimeLimitOptions<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    options.signal?.throwIfAborted();
    new TimeLimit(options, resolve, reject).run(work);
  });
}

/** The signal of a work, and the end of waiting for it: one object, because every request has one. Exactly one of the two functions is called, once. */
export class TimeLimit<T> extends LazySignal {
  #isWaiting = true;
  #isWatched = false;
  #stop: () => void;
  readonly #options: TimeLimitOptions<T>;
  readonly #resolve: (value: T) => void;
  readonly #reject: (reason: unknown) => void;

  constructor(options: TimeLimitOptions<T>, resolve: (value: T) => void, reject: (reason: unknown) => void) {
    super();
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
    const { clock, ms, signal, unwatchedMs = 0 } = options;
    const late = () => this.#give(options.error());
    if (signal === undefined || unwatchedMs <= 0 || unwatchedMs >= ms) {
      this.#stop = clock.after(ms, late);
      this.#watch();
    } else {
      this.#stop = clock.after(unwatchedMs, () => {
        this.#stop = clock.after(ms - unwatchedMs, late);
        this.#watch();
      });
    }
  }

  run(work: (signal: this) => Promise<T>): void {
    if (!this.#isWaiting) return;
    try {
      work(this).then(
        (value) => this.#take(value),
        (fault) => this.#fail(fault),
      );
    } catch (fault) {
      this.#fail(fault);
    }
  }

  #take(value: T): void {
    const { discard, lasts } = this.#options;
    if (!this.#isWaiting) {
      discard?.(value);
      return;
    }
    this.#finish({ goesOn: lasts?.(value) ?? false });
    this.#resolve(value);
  }

  #fail(fault: unknown): void {
    if (!this.#isWaiting) return;
    this.#finish({ goesOn: false });
    this.#reject(fault);
  }

  #give(reason: unknown): void {
    if (!this.#isWaiting) return;
    this.#finish({ goesOn: false });
    this.abort(reason);
    this.#reject(reason);
  }

  #watch(): void {
    const { signal } = this.#options;
    if (signal === undefined || this.#isWatched) return;
    this.#isWatched = true;
    signal.addEventListener('abort', this.#follow, { once: true });
    // Before anybody listened.
    if (signal.aborted) this.#follow();
  }

  readonly #follow = (): void => {
    const reason = this.#options.signal?.reason;
    if (this.#isWaiting) this.#give(reason);
    else this.abort(reason);
  };

  #finish({ goesOn }: { goesOn: boolean }): void {
    this.#isWaiting = false;
    this.#stop();
    if (goesOn) this.#watch();
    else if (this.#isWatched) this.#options.signal?.removeEventListener('abort', this.#follow);
  }
}
