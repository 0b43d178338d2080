interface Timer {
  readonly at: number;
  readonly work: () => void;
  isDue: boolean;
  before: Timer | undefined;
  after: Timer | undefined;
}

/**
 * Timers that all take the same time, so that the first to be set is the first to be due: one timer of the platform serves them all. A limit on each of
 * many thousand requests a second, hardly one of which is ever reached, costs its place in a list.
 */
class TimerQueue {
  #first: Timer | undefined;
  #last: Timer | undefined;
  #handle: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly ms: number,
    readonly now: () => number,
    readonly onEmpty: () => void,
  ) {}

  add(work: () => void): () => void {
    const timer: Timer = { at: this.now() + this.ms, work, isDue: true, before: this.#last, after: undefined };
    if (this.#last === undefined) {
      this.#first = timer;
      this.#handle ??= setTimeout(this.#ring, this.ms);
    } else this.#last.after = timer;
    this.#last = timer;
    return () => {
      if (timer.isDue) this.#remove(timer);
    };
  }

  #remove(timer: Timer): void {
    const { before, after } = timer;
    timer.isDue = false;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    // A minor collection does not look at what is old: one that grew old would keep all that were ever behind it.
    timer.before = undefined;
    timer.after = undefined;
    if (this.#first !== undefined) return;
    // Nobody waits: the process may end.
    clearTimeout(this.#handle);
    this.#handle = undefined;
    this.onEmpty();
  }

  /** A turn later: what came in time is looked at first, where the process had stood still. */
  readonly #ring = (): void => void setImmediate(this.#runDue);

  readonly #runDue = (): void => {
    this.#handle = undefined;
    const now = this.now();
    try {
      for (let timer = this.#first; timer !== undefined && timer.at <= now; timer = this.#first) {
        this.#remove(timer);
        timer.work();
      }
    } finally {
      const first = this.#first;
      if (first !== undefined) this.#handle ??= setTimeout(this.#ring, Math.max(1, Math.ceil(first.at - this.now())));
    }
  };
}

/** `after` of a Clock, for a clock that runs. */
export const createTimerQueues = (now: () => number) => {
  const queues = new Map<number, TimerQueue>();
  return (ms: number, work: () => void): (() => void) => {
    const known = queues.get(ms);
    if (known !== undefined) return known.add(work);
    const queue = new TimerQueue(ms, now, () => queues.delete(ms));
    queues.set(ms, queue);
    return queue.add(work);
  };
};
