import { fullJitter } from './backoff.ts';
import type { BreakerState, Verdict } from './breaker.ts';
import { createBulkhead } from './bulkhead.ts';
import { type Clock, systemClock } from './clock.ts';
import {
  BulkheadFullError,
  CircuitOpenError,
  DeadlineError,
  ResilienceError,
  type ResilienceErrorCode,
} from './errors.ts';
import { createMembers } from './members.ts';
import { type Outcome, repeat } from './repeat.ts';
import { createRetryBudget, type RetryBudgetOptions } from './retry-budget.ts';
import type { LazySignal, Signal } from './signal.ts';
import { TimeLimit, withTimeLimit } from './time-limit.ts';

export interface DestinationOptions {
  /** Names the destination in errors and events: `conversations`. */
  readonly name: string;
  /** The whole call: waiting for a place, all attempts and the pauses between them. */
  readonly deadlineMs: number;
  /** Attempts in all, the first one included. */
  readonly attemptsMax: number;
  readonly attemptTimeoutMs: number;
  readonly concurrencyMax: number;
  readonly queueMax: number;
  readonly breaker: { readonly failuresInRow: number; readonly halfOpenAfterMs: number };
  readonly retryBudget: RetryBudgetOptions;
  /** Bounds of the pauses between attempts. */
  readonly backoff?: { readonly baseMs: number; readonly capMs: number };
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly onEvent?: (event: ResilienceEvent) => void;
}

/** What a policy did, for logs and metrics. */
export type ResilienceEvent =
  | {
      readonly type: 'retry';
      readonly destination: string;
      readonly attempt: number;
      readonly pauseMs: number;
      readonly error?: unknown;
    }
  | { readonly type: 'retry-refused'; readonly destination: string; readonly reason: 'budget' | 'deadline' }
  | {
      readonly type: 'circuit';
      readonly destination: string;
      /** Of a group the one it is about. */
      readonly member: string;
      readonly state: BreakerState;
    }
  | { readonly type: 'ended'; readonly destination: string; readonly code: ResilienceErrorCode };

/**
 * Whether an outcome is worth another attempt.
 *
 * `retry: true` without `afterMs` also counts against the destination at its breaker. `afterMs` is the least pause that the destination asked
 * for (Retry-After): it is alive. `unsent` says that the request never left, so that another attempt is safe for any call. `elsewhere`: at a member of
 * the group that was not asked yet, or not at all.
 */
export type RetryDecision =
  | { readonly retry: false }
  | { readonly retry: true | 'elsewhere'; readonly afterMs?: number; readonly unsent?: boolean };

export interface CallOptions<T> {
  /** Whether the work may run more than once. */
  readonly idempotent: boolean;
  readonly retryable: (outcome: Outcome<T>) => RetryDecision;
  /** Where the destination is a group: names who gets the next attempt, somebody outside `avoided` where there is anybody. */
  readonly pick?: ((avoided: ReadonlySet<string>) => string) | undefined;
  /** Ends the call early, with its own reason; not counted against the destination. */
  readonly signal?: Signal | undefined;
  /** How long a first attempt goes on without listening to `signal`: where that costs more than most attempts take. 0 unless said. */
  readonly unwatchedMs?: number | undefined;
  /** In place of the destination's. */
  readonly deadlineMs?: number | undefined;
  /** In place of the destination's. */
  readonly attemptTimeoutMs?: number | undefined;
  /** Frees what a value holds that nobody will get: one that is tried again, or came too late. */
  readonly discard?: ((value: T) => void) | undefined;
  /** Whether the attempt's signal goes on following `signal` after this value: for one that streams on. */
  readonly lasts?: ((value: T) => boolean) | undefined;
}

export interface Destination {
  readonly name: string;
  /** Of its breaker; of a group the best one, because a call goes there. */
  readonly state: BreakerState;
  /**
   * Runs `work` under all policies of the destination.
   *
   * Ends as the last attempt did, or with CircuitOpenError, BulkheadFullError or DeadlineError. Rejects, and never throws.
   */
  call<T>(work: Work<T>, options: CallOptions<T>): Promise<T>;
}

export interface AttemptContext {
  /** Aborts when the attempt's or the call's time is over, or the caller gave up. Made when it is asked for: `ending` is the same for less. */
  readonly signal: AbortSignal;
  readonly ending: Signal;
  /** From 1. */
  readonly attempt: number;
  /** Who was picked; the destination's own name where it is no group. */
  readonly member: string;
}

type Work<T> = (context: AttemptContext) => Promise<T>;

/** A call under way: `endsAt` on the destination's clock. */
interface Call<T> {
  readonly work: Work<T>;
  readonly options: CallOptions<T>;
  readonly endsAt: number;
}

interface RunningCall<T> extends Call<T> {
  /** The members that had an attempt. */
  readonly tried: Set<string>;
}

/** For a service beside ours: a frozen one is given up before 3 s, a restarted one is found again within 0.5 s. */
export const defaultOptions = {
  deadlineMs: 10_000,
  attemptsMax: 4,
  attemptTimeoutMs: 2_000,
  concurrencyMax: 128,
  queueMax: 1_024,
  breaker: { failuresInRow: 5, halfOpenAfterMs: 500 },
  retryBudget: { ratio: 0.2, minimumPerSecond: 5 },
  backoff: { baseMs: 100, capMs: 2_000 },
} satisfies Omit<DestinationOptions, 'name'>;

const nobody: ReadonlySet<string> = new Set();

/**
 * One process, or a group of like ones, that we call: all callers in this process share its bulkhead and retry budget, and the breaker of each member. A dead
 * member costs the others nothing: attempts go round it, and only where every circuit is open is a call refused.
 */
export function createDestination(options: DestinationOptions): Destination {
  const { name, clock = systemClock, random = Math.random, backoff = defaultOptions.backoff, onEvent } = options;
  const onChange = (member: string, state: BreakerState) =>
    onEvent?.({ type: 'circuit', destination: name, member, state });
  const members = createMembers({ name, ...options.breaker, clock, onChange });
  const bulkhead = createBulkhead({ name, concurrencyMax: options.concurrencyMax, queueMax: options.queueMax });
  const budget = createRetryBudget({ ...options.retryBudget, clock });

  const timesOf = ({ deadlineMs, attemptTimeoutMs }: Pick<CallOptions<never>, 'deadlineMs' | 'attemptTimeoutMs'>) => ({
    deadlineMs: deadlineMs ?? options.deadlineMs,
    attemptTimeoutMs: attemptTimeoutMs ?? options.attemptTimeoutMs,
  });

  /** Who takes the first attempt where nothing stands in its way: a place, which is taken then, and a closed circuit. */
  function memberAtOnce<T>({ pick, signal }: CallOptions<T>): string | undefined {
    if (signal?.aborted) return undefined;
    const member = members.choose(pick, nobody);
    return members.breakerOf(member).state === 'closed' && bulkhead.enter() ? member : undefined;
  }

  /**
   * The first attempt in a place that was taken: nothing waits or pauses, so that one time limit is enough for it and the call, and one promise. What did not go
   * well is decided on as after any attempt.
   */
  function attemptAtOnce<T>(member: string, call: Call<T>): Promise<T> {
    const { work, options: callOptions } = call;
    const { deadlineMs, attemptTimeoutMs } = timesOf(callOptions);
    const { signal, unwatchedMs, discard, lasts } = callOptions;
    const error = () => new DeadlineError(name, deadlineMs <= attemptTimeoutMs ? 'call' : 'attempt');
    const limit = { ms: Math.min(attemptTimeoutMs, deadlineMs), clock, signal, unwatchedMs, error, discard, lasts };
    const breaker = members.breakerOf(member);
    return new Promise((resolve, reject) => {
      const end = (outcome: Outcome<T>) => {
        const verdict = verdictOn(outcome, callOptions);
        const noting = breaker.note(outcome, verdict);
        if ('value' in outcome && verdict === 'healthy') {
          bulkhead.leave();
          return resolve(outcome.value);
        }
        // Who gets the place must find the failure counted.
        Promise.resolve(noting)
          .finally(() => bulkhead.leave())
          .then(() => attemptAll(call, { member, outcome }))
          .then(resolve, reject);
      };
      new TimeLimit<T>(
        limit,
        (value) => end({ value }),
        (fault) => end({ error: fault }),
      ).run((ending) => work(new Context(ending, 1, member)));
    });
  }

  function attemptOnce<T>(attempt: number, signal: Signal, running: RunningCall<T>): Promise<T> {
    const { work, options: callOptions, tried } = running;
    const member = members.choose(callOptions.pick, tried);
    const breaker = members.breakerOf(member);
    breaker.refuseIfOpen();
    tried.add(member);
    const error = () => new DeadlineError(name, 'attempt');
    const limit = {
      ms: timesOf(callOptions).attemptTimeoutMs,
      clock,
      signal,
      error,
      discard: callOptions.discard,
      lasts: callOptions.lasts,
    };
    const limited = () => withTimeLimit((ending) => work(new Context(ending, attempt, member)), limit);
    return bulkhead.run(() => breaker.run(limited, (outcome) => verdictOn(outcome, callOptions)), signal);
  }

  /** The pause before another attempt, or undefined when this one was the last. */
  function pauseAfter<T>(outcome: Outcome<T>, attempt: number, running: RunningCall<T>) {
    const { options: callOptions, endsAt, tried } = running;
    const hasOther = () => members.hasOther(callOptions.pick, tried);
    const decision = retryDecision(outcome, callOptions, hasOther);
    if (!decision.retry || attempt >= options.attemptsMax) return undefined;
    const goesOn = hasOther();
    if (decision.retry === 'elsewhere' && !goesOn) return undefined;
    if (!callOptions.idempotent && !decision.unsent) return undefined;
    // Nobody was burdened, and there is somebody who was not asked: that is still the first attempt.
    const isFree = goesOn && decision.unsent === true;
    // Who asked to be left alone for a while is; another one did not.
    const afterMs = goesOn ? 0 : (decision.afterMs ?? 0);
    const ms = isFree ? 0 : afterMs + fullJitter({ attempt, ...backoff, random });
    if (clock.now() + ms >= endsAt) return refuseRetry('deadline');
    if (!isFree && !budget.takeRetry()) return refuseRetry('budget');
    if ('value' in outcome) callOptions.discard?.(outcome.value);
    const error = 'error' in outcome ? { error: outcome.error } : {};
    onEvent?.({ type: 'retry', destination: name, attempt, pauseMs: ms, ...error });
    return { ms };
  }

  function refuseRetry(reason: 'budget' | 'deadline'): undefined {
    onEvent?.({ type: 'retry-refused', destination: name, reason });
  }

  /** All attempts, or those that follow the first one. */
  async function attemptAll<T>(call: Call<T>, first?: { member: string; outcome: Outcome<T> }): Promise<T> {
    const { options: callOptions, endsAt } = call;
    const running = { ...call, tried: new Set(first && [first.member]) };
    let last: unknown;
    const attempts = (signal: Signal) =>
      repeat((attempt) => attemptOnce(attempt, signal, running), {
        clock,
        signal,
        first: first?.outcome,
        pauseAfter(outcome, attempt) {
          if ('error' in outcome) last = outcome.error;
          return pauseAfter(outcome, attempt, running);
        },
      });
    const late = () => new DeadlineError(name, 'call', last);
    const { signal, discard, lasts } = callOptions;
    try {
      const ms = Math.max(0, endsAt - clock.now());
      return await withTimeLimit(attempts, { ms, clock, signal, error: late, discard, lasts });
    } catch (error) {
      if (error instanceof ResilienceError) onEvent?.({ type: 'ended', destination: name, code: error.code });
      throw error;
    }
  }

  return {
    name,
    get state() {
      return members.state;
    },
    call(work, callOptions) {
      const endsAt = clock.now() + timesOf(callOptions).deadlineMs;
      const call = { work, options: callOptions, endsAt };
      budget.recordCall();
      const member = memberAtOnce(callOptions);
      return member === undefined ? attemptAll(call) : attemptAtOnce(member, call);
    },
  };
}

class Context implements AttemptContext {
  constructor(
    readonly ending: LazySignal,
    readonly attempt: number,
    readonly member: string,
  ) {}

  get signal(): AbortSignal {
    return this.ending.platform;
  }
}

function retryDecision<T>(outcome: Outcome<T>, call: CallOptions<T>, hasOther: () => boolean): RetryDecision {
  if ('value' in outcome) return call.retryable(outcome);
  const { error } = outcome;
  // Our own refusals end the call: another attempt would only wait at the same door. That of one member's circuit is not everybody's.
  if (error instanceof CircuitOpenError && hasOther()) return { retry: 'elsewhere', unsent: true };
  if (error instanceof CircuitOpenError || error instanceof BulkheadFullError) return { retry: false };
  if (error instanceof DeadlineError) return { retry: error.scope === 'attempt' };
  return call.retryable(outcome);
}

function verdictOn<T>(outcome: Outcome<T>, call: CallOptions<T>): Verdict {
  if ('error' in outcome) {
    if (call.signal?.aborted) return 'unknown';
    if (outcome.error instanceof DeadlineError) return 'failing';
  }
  const decision = call.retryable(outcome);
  if (decision.retry) return decision.afterMs === undefined ? 'failing' : 'unknown';
  return 'value' in outcome ? 'healthy' : 'unknown';
}
