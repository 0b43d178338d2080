export interface FullJitterOptions {
  /** Attempts made so far, from 1. */
  readonly attempt: number;
  readonly baseMs: number;
  readonly capMs: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/**
 * The pause before the next attempt: uniform between 0 and `baseMs` doubled with each attempt, at most `capMs`.
 *
 * Full jitter spreads clients that failed together over the whole interval, so that they do not come back together.
 */
export function fullJitter({ attempt, baseMs, capMs, random }: FullJitterOptions): number {
  return random() * Math.min(capMs, baseMs * 2 ** (attempt - 1));
}
