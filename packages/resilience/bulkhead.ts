import { BulkheadFullError } from './errors.ts';
import type { Signal } from './signal.ts';

export interface BulkheadOptions {
  readonly name: string;
  readonly concurrencyMax: number;
  readonly queueMax: number;
}

export interface Bulkhead {
  /** Takes a place where one is free and nobody waits: the same as `run`, for who says `leave` at the end. */
  enter(): boolean;
  leave(): void;
  /** Runs `work` when a place is free; refuses with BulkheadFullError when the queue is full, leaves the queue when `signal` aborts. */
  run<T>(work: () => Promise<T>, signal: Signal): Promise<T>;
  readonly running: number;
  readonly queued: number;
}

/**
 * Bounds how much one slow destination can take of the process: `concurrencyMax` calls run, `queueMax` wait in order of arrival.
 *
 * Not cockatiel's: that one lets a newcomer overtake the queue and keeps the places of callers who have given up.
 */
export function createBulkhead({ name, concurrencyMax, queueMax }: BulkheadOptions): Bulkhead {
  const queue = new Set<() => void>();
  let running = 0;

  function wait(signal: Signal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        queue.delete(enter);
        reject(signal.reason);
      };
      const enter = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      queue.add(enter);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  /** Hands the place on to the first who waits, so that nobody can slip in between. */
  function leave(): void {
    const [first] = queue;
    if (!first) {
      running--;
      return;
    }
    queue.delete(first);
    first();
  }

  return {
    enter() {
      if (running >= concurrencyMax) return false;
      running++;
      return true;
    },
    leave,
    async run(work, signal) {
      signal.throwIfAborted();
      if (running < concurrencyMax) running++;
      else if (queue.size >= queueMax) throw new BulkheadFullError(name);
      else await wait(signal);
      try {
        return await work();
      } finally {
        leave();
      }
    },
    get running() {
      return running;
    },
    get queued() {
      return queue.size;
    },
  };
}
