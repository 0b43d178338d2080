/** How long the throughput of acknowledgements stayed down after each injection (I7). */
export interface Recovery {
  readonly baselinePerSecond: number;
  /** Per injection, ms until the first second with 95 % of the baseline; null where it never came. */
  readonly recoveredMs: readonly (number | null)[];
  readonly maxMs: number | null;
}

export interface RecoveryInput {
  /** Moments of acknowledgements, ms. */
  readonly ackedAt: readonly number[];
  /** The undisturbed stretch that the rest is compared with. */
  readonly baseline: { readonly from: number; readonly to: number };
  /** When each injection was over, or, for a kill, when it happened. */
  readonly injectedAt: readonly number[];
  /** When the load ended. */
  readonly endedAt: number;
}

const windowMs = 1000;
const stepMs = 50;
const enough = 0.95;

export const measureRecovery = (input: RecoveryInput): Recovery => {
  const acks = [...input.ackedAt].sort((one, other) => one - other);
  const { from, to } = input.baseline;
  const baselinePerSecond = (countBetween(acks, from, to) * 1000) / Math.max(1, to - from);
  const needed = enough * baselinePerSecond * (windowMs / 1000);
  const recoveredMs = input.injectedAt.map((at) => {
    for (let start = at; start + windowMs <= input.endedAt; start += stepMs)
      if (countBetween(acks, start, start + windowMs) >= tolerant(needed)) return start - at;
    return null;
  });
  const worst = recoveredMs.includes(null) ? null : Math.max(0, ...recoveredMs.map((ms) => ms ?? 0));
  return { baselinePerSecond, recoveredMs, maxMs: worst };
};

/** A second of few messages varies by chance alone: three standard deviations of a Poisson count are no fault. */
const tolerant = (needed: number): number => Math.min(needed, Math.max(1, needed - 3 * Math.sqrt(needed)));

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
