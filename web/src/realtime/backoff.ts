/** Waiting times, in milliseconds. `attempt` counts from 0, `random` gives [0, 1). */

const reconnectBaseMs = 500;
const reconnectMaxMs = 30_000;
const resendMs = [5_000, 10_000, 20_000, 30_000] as const;

/** Full jitter: any time up to a bound that doubles from 0.5 s to 30 s, so that thousands who were cut at once come back spread out. */
export const reconnectDelayMs = (attempt: number, random: () => number): number =>
  random() * Math.min(reconnectMaxMs, reconnectBaseMs * 2 ** Math.min(attempt, 10));

/** How long a command waits for its answer before it is sent again: 5, 10, 20, then 30 s, each a fifth more or less. */
export const resendDelayMs = (attempt: number, random: () => number): number =>
  (resendMs[Math.min(attempt, resendMs.length - 1)] ?? 30_000) * (0.8 + 0.4 * random());
