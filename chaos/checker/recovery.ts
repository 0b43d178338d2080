import type { Mark } from '../outcome.ts';

/** How long the throughput of acknowledgements stayed down after each injection (I7). */
export interface Recovery {
  readonly baselinePerSecond: number;
  /** Per injection, ms until 95 % of the baseline was back; null where it never came. */
  readonly recoveredMs: readonly (number | null)[];
  readonly maxMs: number | null;
}

export interface RecoveryInput {
  /** Moments of acknowledgements, ms. */
  readonly ackedAt: readonly number[];
  /** The undisturbed stretch that the rest is compared with. */
  readonly baseline: { readonly from: number; readonly to: number };
  /** What the load sends a second: more than that in the baseline was late, and is nothing to come back to. */
  readonly plannedPerSecond: number;
  /** Injections are those that are over, or, for a kill, that happened. */
  readonly marks: readonly Mark[];
  /** When the load ended. */
  readonly endedAt: number;
}

const windowMs = 5000;
const windowMsMin = 1000;
const sliceMs = 500;
const stepMs = 50;
const enough = 0.95;

/**
 * The load sends by the clock, so that its acknowledgements come as evenly where nothing is wrong, and 95 % means 95 %: in a window of 5 s, wide enough for a
 * busy machine to be late in. What comes late is no throughput: each half second counts for as much as the baseline and no more, or the burst of what
 * waited would make up for conversations that still stand still. A burst that is longer than that hides them even so: `longestSilence` finds those.
 *
 * The next mark cuts a window short, down to 1 s. What has not recovered until then took at least so long: the rest is the next one's.
 */
export const measureRecovery = ({ ackedAt, baseline, plannedPerSecond, marks, endedAt }: RecoveryInput): Recovery => {
  const acks = [...ackedAt].sort((one, other) => one - other);
  const { from, to } = baseline;
  const perMs = Math.min(countBetween(acks, from, to) / Math.max(1, to - from), plannedPerSecond / 1000);
  const recoveredMs = marks.flatMap(({ at, isOver }, index) => {
    if (!isOver) return [];
    const next = marks[index + 1]?.at;
    const start = firstRecovered(acks, perMs, at, Math.min(next ?? endedAt, endedAt));
    if (start !== undefined) return start - at;
    return next === undefined ? null : next - at;
  });
  const worst = recoveredMs.includes(null) ? null : Math.max(0, ...recoveredMs.map((ms) => ms ?? 0));
  return { baselinePerSecond: perMs * 1000, recoveredMs, maxMs: worst };
};

const firstRecovered = (acks: readonly number[], perMs: number, from: number, until: number): number | undefined => {
  for (let start = from; start + windowMsMin <= until; start += stepMs) {
    const end = Math.min(start + windowMs, until);
    if (steadyBetween(acks, perMs, start, end) >= enough * perMs * (end - start)) return start;
  }
  return undefined;
};

/** Without what is more than the baseline in one slice. */
const steadyBetween = (acks: readonly number[], perMs: number, from: number, to: number): number => {
  let steady = 0;
  for (let start = from; start < to; start += sliceMs) {
    const end = Math.min(start + sliceMs, to);
    steady += Math.min(countBetween(acks, start, end), perMs * (end - start));
  }
  return steady;
};

const countBetween = (sorted: readonly number[], from: number, to: number): number =>
  firstAtLeast(sorted, to) - firstAtLeast(sorted, from);

const firstAtLeast = (sorted: readonly number[], wanted: number): number => {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
};
