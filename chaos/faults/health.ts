import type { Chaos } from '../fault.ts';
import { type LogLine, logSince, warnLevel } from '../stack/log.ts';
import type { ChaosStack } from '../stack/stack.ts';

const visibleWithinMs = 5000;
const askEveryMs = 200;

/** Which lines of a log tell of a fault. */
type Tells = (line: LogLine) => boolean;
const isWarning: Tells = ({ level = 0 }) => level >= warnLevel;

/** I10: from here on somebody who looks at the health of these processes, or at their logs, must see that something is wrong; `isAbout` says which lines tell of it. */
export const expectVisible = (
  chaos: Chaos,
  names: readonly string[],
  what: string,
  isAbout?: Tells,
): { stop(): Promise<void> } => {
  const watch = watchVisible(chaos, names, isAbout);
  return {
    stop: async () => judgeVisible(chaos, what, await watch.stop()),
  };
};

/** That it was seen at all, and soon. */
export const judgeVisible = ({ judge }: Chaos, what: string, value: number | null): void =>
  judge({ invariant: 'I10', what: `${what} is visible, ms`, value, max: visibleWithinMs });

/** Looks until stopped; then says after how many ms one of these processes told of a fault, null where none did. */
export const watchVisible = (
  { stack }: Chaos,
  names: readonly string[],
  isAbout = isWarning,
): { stop(): Promise<number | null> } => {
  const startedAt = Date.now();
  const health = watchHealth(stack, names);
  return {
    async stop() {
      const told = health.stop();
      const lines = await logSince(stack, names, startedAt);
      const warned = lines.find(isAbout)?.at;
      const moments = [told, warned].filter((at) => at !== undefined);
      return moments.length === 0 ? null : Math.min(...moments) - startedAt;
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
