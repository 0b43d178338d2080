import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhenResult } from 'cockatiel';
import type { Clock } from './clock.ts';
import { CircuitOpenError } from './errors.ts';
import { type Outcome, outcomeOf, settled } from './repeat.ts';

export type BreakerState = 'closed' | 'open' | 'half-open';

/** What an outcome says about the destination: `unknown` neither closes nor opens anything. */
export type Verdict = 'healthy' | 'failing' | 'unknown';

export interface BreakerOptions {
  readonly name: string;
  /** Failures in a row that open the circuit. */
  readonly failuresInRow: number;
  /** How long an open circuit lets nothing through before one call may try. */
  readonly halfOpenAfterMs: number;
  readonly clock: Clock;
  readonly onChange?: (state: BreakerState) => void;
}

export interface Breaker {
  readonly state: BreakerState;
  /** Whether a call would be refused now. */
  readonly isRefusing: boolean;
  /** Throws CircuitOpenError when a call would be refused now. */
  refuseIfOpen(): void;
  run<T>(work: () => Promise<T>, judge: (outcome: Outcome<T>) => Verdict): Promise<T>;
  /** Counts how a call ended that began while the circuit was closed, and did not go through `run`. */
  note(outcome: Outcome<unknown>, verdict: Verdict): Promise<void> | undefined;
}

/** What cockatiel is told of an end. */
interface Judged {
  readonly outcome: Outcome<unknown>;
  readonly failing: boolean;
}

/**
 * Leaves a destination alone that fails again and again: closed → open after `failuresInRow` → half open after `halfOpenAfterMs` →
 * closed or open by the one call that was let through. Who comes while that call runs is refused at once.
 */
export function createBreaker({ name, failuresInRow, halfOpenAfterMs, clock, onChange }: BreakerOptions): Breaker {
  let opensUntil = 0;
  let lastFailure: unknown;
  /** Since the last good end. */
  let hasFailed = false;
  const openFor = {
    // cockatiel compares the wall clock with this duration; ours is the clock that was given, so the answer is all or nothing.
    get duration() {
      return clock.now() < opensUntil ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    },
    next() {
      opensUntil = clock.now() + halfOpenAfterMs;
      return openFor;
    },
  };
  const policy = circuitBreaker(
    handleWhenResult((result) => (result as Judged).failing),
    { halfOpenAfter: openFor, breaker: new ConsecutiveBreaker(failuresInRow) },
  );
  policy.onStateChange((state) => onChange?.(stateName(state)));

  function isRefusing(): boolean {
    const probing = policy.state === CircuitState.HalfOpen;
    return probing || (policy.state === CircuitState.Open && clock.now() < opensUntil);
  }

  function refuseIfOpen(): void {
    if (isRefusing()) throw new CircuitOpenError(name, lastFailure);
  }

  /** Runs the one call that an open circuit lets through: how it ends closes or opens the circuit. */
  async function probe<T>(work: () => Promise<T>, judge: (outcome: Outcome<T>) => Verdict): Promise<T> {
    const { outcome } = await policy.execute(async (): Promise<Judged> => {
      const outcome = await outcomeOf(work);
      // A probe that says nothing must not close the circuit.
      const failing = judge(outcome) !== 'healthy';
      if (failing && 'error' in outcome) lastFailure = outcome.error;
      return { outcome, failing };
    });
    return settled(outcome as Outcome<T>);
  }

  /** Where none failed before, nothing is to be counted for a good end: that is nearly every call. */
  const note = (outcome: Outcome<unknown>, verdict: Verdict): Promise<void> | undefined =>
    verdict === 'failing' || (verdict === 'healthy' && hasFailed) ? count(outcome, verdict) : undefined;

  async function count(outcome: Outcome<unknown>, verdict: Verdict): Promise<void> {
    const failing = verdict === 'failing';
    if (failing && 'error' in outcome) lastFailure = outcome.error;
    // One that began before the circuit opened says nothing about how it is now.
    if (policy.state !== CircuitState.Closed) return;
    hasFailed = failing;
    await policy.execute(async (): Promise<Judged> => ({ outcome, failing }));
  }

  return {
    get state() {
      return stateName(policy.state);
    },
    get isRefusing() {
      return isRefusing();
    },
    refuseIfOpen,
    note,
    async run<T>(work: () => Promise<T>, judge: (outcome: Outcome<T>) => Verdict) {
      refuseIfOpen();
      if (policy.state !== CircuitState.Closed) return await probe(work, judge);
      const outcome = await outcomeOf(work);
      await note(outcome, judge(outcome));
      return settled(outcome);
    },
  };
}

function stateName(state: CircuitState): BreakerState {
  switch (state) {
    case CircuitState.Closed:
      return 'closed';
    case CircuitState.HalfOpen:
      return 'half-open';
    default:
      return 'open';
  }
}
