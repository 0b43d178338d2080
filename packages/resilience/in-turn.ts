import type { Clock } from './clock.ts';

export interface InTurnOptions {
  readonly clock: Clock;
  /** The pause between two. */
  readonly pauseMs: number;
  /** The last one comes no later than this: many get shorter pauses. */
  readonly withinMs: number;
}

/**
 * Does something to one after another, the first at once: for what makes people come back, so that they do not come all at the same moment.
 */
export async function inTurn<T>(
  items: readonly T[],
  act: (item: T) => void,
  { clock, pauseMs, withinMs }: InTurnOptions,
): Promise<void> {
  const startedAt = clock.now();
  const stepMs = Math.min(pauseMs, withinMs / items.length);
  for (const [place, item] of items.entries()) {
    const waitMs = startedAt + place * stepMs - clock.now();
    if (waitMs > 0) await clock.sleep(waitMs);
    act(item);
  }
}
