/**
 * How long a part must have been up for its earlier deaths to be forgiven: longer than the start of any takes, so that one which ends while it starts is not
 * started without a pause again and again. What ends later worked, and is missed.
 */
const forgivenAfterMs = 2_000;

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
