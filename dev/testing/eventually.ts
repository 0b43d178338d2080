/**
 * Waits until a check answers something other than false, null or undefined, and returns that answer.
 * A check that throws is asked again; at the deadline (5 s by default) the last error, or what was awaited, is thrown.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { timeoutMs = 5_000, intervalMs = 20, what = check.toString() }: EventuallyOptions = {},
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = performance.now() + timeoutMs;
  let lastError: unknown;
  do {
    try {
      const answer = await check();
      if (isSettled(answer)) return answer;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    await Bun.sleep(intervalMs);
  } while (performance.now() < deadline);
  throw lastError ?? new Error(`Did not come about within ${timeoutMs} ms: ${what}`);
}

export type EventuallyOptions = { timeoutMs?: number; intervalMs?: number; what?: string };

function isSettled<T>(answer: T): answer is Exclude<T, false | null | undefined> {
  return answer !== false && answer !== null && answer !== undefined;
}
