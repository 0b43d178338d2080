/** How long a part must have been up for its earlier deaths to be forgiven. */
const forgivenAfterMs = 10_000;

/**
 * How long to wait before a part is started again, by the deaths in a row before this one:
 * not at all the first time, then 0.2 s, doubling up to 2 s.
 */
export function restartDelayMs(earlierDeaths: number): number {
  return earlierDeaths === 0 ? 0 : Math.min(200 * 2 ** (earlierDeaths - 1), 2_000);
}

/** The deaths in a row that count at this death of a part. */
export function earlierDeaths(counted: number, uptimeMs: number): number {
  return uptimeMs >= forgivenAfterMs ? 0 : counted;
}
