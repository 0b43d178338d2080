import type { Clock } from './clock.ts';
import type { Signal } from './signal.ts';

/** How an attempt ended. */
export type Outcome<T> = { readonly error: unknown } | { readonly value: T };

export interface RepeatOptions<T> {
  /** The pause before the next attempt, or undefined when this outcome is the last. */
  readonly pauseAfter: (outcome: Outcome<T>, attempt: number) => { readonly ms: number } | undefined;
  readonly clock: Clock;
  readonly signal?: Signal | undefined;
  /** How attempt 1 ended, where it was made already. */
  readonly first?: Outcome<T> | undefined;
}

/** Runs `work` with attempt 1, 2, … until `pauseAfter` says that an outcome is the last, and ends as that one did. */
export async function repeat<T>(work: (attempt: number) => Promise<T>, options: RepeatOptions<T>): Promise<T> {
  const { pauseAfter, clock, signal, first } = options;
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    const outcome = (attempt === 1 ? first : undefined) ?? (await outcomeOf(() => work(attempt)));
    const pause = signal?.aborted ? undefined : pauseAfter(outcome, attempt);
    if (!pause) return settled(outcome);
    await clock.sleep(pause.ms, signal);
  }
}

/** What came of `work`, as a value that can be looked at. */
export async function outcomeOf<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error };
  }
}

/** The value of an outcome, or its error thrown. */
export function settled<T>(outcome: Outcome<T>): T {
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}
