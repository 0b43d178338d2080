import type { Clock } from './clock.ts';

export interface RetryBudgetOptions {
  /** Retries allowed for each call, 0.2 for one in five. */
  readonly ratio: number;
  /** Retries a second that are allowed however few calls there are. */
  readonly minimumPerSecond: number;
}

export interface RetryBudget {
  /** Counts a call, which earns `ratio` of a retry. */
  recordCall(): void;
  /** Takes one retry out of the budget; false when there is none left. */
  takeRetry(): boolean;
}

interface Second {
  readonly second: number;
  calls: number;
  retries: number;
}

/** Calls of the last ten seconds earn retries: long enough to smooth bursts, too short to save up for an outage. */
export const windowSeconds = 10;

/** Keeps the retries of all callers of a destination to a share of their calls, so that retrying never multiplies an overload. */
export function createRetryBudget(options: RetryBudgetOptions & { readonly clock: Clock }): RetryBudget {
  const { ratio, minimumPerSecond, clock } = options;
  const seconds: Second[] = [];

  function current(): Second {
    const second = Math.floor(clock.now() / 1000);
    while (seconds[0] && seconds[0].second <= second - windowSeconds) seconds.shift();
    const last = seconds.at(-1);
    if (last?.second === second) return last;
    const fresh = { second, calls: 0, retries: 0 };
    seconds.push(fresh);
    return fresh;
  }

  return {
    recordCall() {
      current().calls++;
    },
    takeRetry() {
      const now = current();
      const calls = seconds.reduce((sum, second) => sum + second.calls, 0);
      const retries = seconds.reduce((sum, second) => sum + second.retries, 0);
      if (retries + 1 > calls * ratio + minimumPerSecond * windowSeconds) return false;
      now.retries++;
      return true;
    },
  };
}
