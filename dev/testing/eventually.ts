/**
 * Waits until a check answers something other than false, null or undefined, and returns that answer.
 * A check that throws is asked again; where one fails that began after the deadline (5 s by default), its error, or what was awaited, is thrown: so a
 * pause of the test itself takes nothing off the time.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { timeoutMs = 5_000, intervalMs = 20, what = check.toString() }: EventuallyOptions = {},
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const isLast = performance.now() >= deadline;
    try {
      const answer = await check();
      if (isSettled(answer)) return answer;
      if (isLast) throw new Error(`Did not come about within ${timeoutMs} ms: ${what}`);
    } catch (error) {
      if (isLast) throw error;
    }
    await Bun.sleep(intervalMs);
  }
}

export type EventuallyOptions = { timeoutMs?: number; intervalMs?: number; what?: string };

function isSettled<T>(answer: T): answer is Exclude<T, false | null | undefined> {
  return answer !== false && answer !== null && answer !== undefined;
}
