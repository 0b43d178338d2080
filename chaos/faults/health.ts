import type { Chaos } from '../fault.ts';
import { type LogLine, logSince, warnLevel } from '../stack/log.ts';
import type { ChaosStack } from '../stack/stack.ts';

/** Of a fault, by whoever is to see it (I10). */
export const visibleWithinMs = 5000;
const askEveryMs = 200;

/** Which lines of a log tell of a fault. */
type Tells = (line: LogLine) => boolean;
const isWarning: Tells = ({ level = 0 }) => level >= warnLevel;

/** Of a service that is asked: a circuit that opened, an attempt that got no answer, or a health check that failed; at the BFF a circuit has the name of its route, `/api/messages`. */
export const tellsOf =
  (callee: string): Tells =>
  ({ msg, state, destination, service }) =>
    (((msg === 'circuit changed' && state === 'open') || msg === 'no answer in time') &&
      String(destination).endsWith(callee)) ||
    (msg === 'instances' && service === callee);

/** I10: from here on somebody who looks at the health of these processes, or at their logs, must see soon that something is wrong; `isAbout` says which lines tell of it. */
export const expectVisible = (
  { stack, judge }: Chaos,
  names: readonly string[],
  what: string,
  isAbout: Tells = isWarning,
): { stop(): Promise<void> } => {
  const startedAt = Date.now();
  const health = watchHealth(stack, names);
  return {
    async stop() {
      const told = health.stop();
      const lines = await logSince(stack, names, startedAt);
      const moments = [told, lines.find(isAbout)?.at].filter((at) => at !== undefined);
      const value = moments.length === 0 ? null : Math.min(...moments) - startedAt;
      judge({ invariant: 'I10', what: `${what} is visible, ms`, value, max: visibleWithinMs });
    },
  };
};

/** Asks `/health/ready` of these processes until stopped; then says when the first one told of a fault. */
const watchHealth = (stack: ChaosStack, names: readonly string[]): { stop(): number | undefined } => {
  let toldAt: number | undefined;
  const ask = async (name: string) => {
    if ((await healthOf(stack, name)) !== 'ok') toldAt ??= Date.now();
  };
  const timer = setInterval(() => {
    if (toldAt === undefined) for (const name of names) void ask(name);
  }, askEveryMs);
  return {
    stop() {
      clearInterval(timer);
      return toldAt;
    },
  };
};

/** `ok` or `degraded`, with 200; `unavailable`, with 503; `silent` where no answer of that kind came. */
export const healthOf = async (stack: ChaosStack, name: string): Promise<string> => {
  try {
    const response = await fetch(`${stack.address(name)}/health/ready`, { signal: AbortSignal.timeout(4000) });
    const { status } = (await response.json()) as { status?: string };
    return response.ok || status === 'unavailable' ? (status ?? 'silent') : 'silent';
  } catch {
    return 'silent';
  }
};
