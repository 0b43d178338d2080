import type { ChaosStack } from '../stack/stack.ts';

/** Asks `/health/ready` of these processes until stopped; then says after how many ms the first one told of a fault. */
export const watchHealth = (stack: ChaosStack, names: readonly string[]): { stop(): number | undefined } => {
  const startedAt = performance.now();
  let toldAfterMs: number | undefined;
  const ask = async (name: string) => {
    if (!(await tellsOfFault(stack.address(name)))) return;
    toldAfterMs ??= Math.round(performance.now() - startedAt);
  };
  const timer = setInterval(() => {
    for (const name of names) void ask(name);
  }, 500);
  return {
    stop() {
      clearInterval(timer);
      return toldAfterMs;
    },
  };
};

const tellsOfFault = async (url: string): Promise<boolean> => {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(4000) });
    const { status } = (await response.json()) as { status?: string };
    return !response.ok || status !== 'ok';
  } catch {
    return true;
  }
};
