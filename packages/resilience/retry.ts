import { fullJitter } from './backoff.ts';
import { type Clock, systemClock } from './clock.ts';
import { repeat } from './repeat.ts';

export interface RetryOptions {
  /** Attempts in all, the first one included. */
  readonly attemptsMax: number;
  readonly baseMs: number;
  readonly capMs: number;
  /** Whether a repeat may help and does no harm. */
  readonly retryable: (error: unknown) => boolean;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly signal?: AbortSignal;
  /** Told of each failed attempt before its pause. */
  readonly onRetry?: (retry: { readonly error: unknown; readonly attempt: number; readonly pauseMs: number }) => void;
}

/**
 * Repeats `work` while its error is retryable, with full jitter in between; ends with the last error.
 *
 * Only for work that may run twice. It has no budget and no breaker: calls to other processes go through a destination.
 */
export function retry<T>(
  work: (context: { readonly attempt: number }) => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  const { attemptsMax, baseMs, capMs, retryable, clock = systemClock, random = Math.random, signal, onRetry } = options;
  return repeat((attempt) => work({ attempt }), {
    clock,
    signal,
    pauseAfter(outcome, attempt) {
      if (!('error' in outcome) || attempt >= attemptsMax || !retryable(outcome.error)) return undefined;
      const pauseMs = fullJitter({ attempt, baseMs, capMs, random });
      onRetry?.({ error: outcome.error, attempt, pauseMs });
      return { ms: pauseMs };
    },
  });
}
