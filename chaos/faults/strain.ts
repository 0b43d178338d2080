import { resourcesOf } from '../stack/resources.ts';
import type { ChaosStack } from '../stack/stack.ts';
import { metricOf } from './metrics.ts';

const megabyte = 1024 * 1024;
const lookEveryMs = 50;
const services = ['bff', 'conversations', 'messages', 'realtime'];

/** Looks at the memory of every process until stopped; then says which one held the most beyond what it had at the beginning, at any moment. */
export const watchMemory = (stack: ChaosStack): { stop(): { readonly name: string; readonly grownMb: number } } => {
  const before = resourcesOf(stack);
  const peaks = new Map<string, number>();
  const look = () => {
    for (const [name, { residentBytes }] of resourcesOf(stack))
      peaks.set(name, Math.max(residentBytes, peaks.get(name) ?? 0));
  };
  const timer = setInterval(look, lookEveryMs);
  return {
    stop() {
      clearInterval(timer);
      look();
      const grown = [...peaks].map(([name, bytes]) => ({
        ...{ name, grownMb: (bytes - (before.get(name)?.residentBytes ?? bytes)) / megabyte },
      }));
      return grown.reduce((most, one) => (one.grownMb > most.grownMb ? one : most));
    },
  };
};

/**
 * The longest that the event loop of each service's process stood still since this was asked last, ms. The process measures it itself (Node's
 * `monitorEventLoopDelay`), so that what the one who asks has to do is not in it; each answer begins anew.
 */
export const loopLags = async (stack: ChaosStack): Promise<ReadonlyMap<string, number>> => {
  const lags = new Map<string, number>();
  // One after another: all at once they would keep each other waiting.
  for (const name of services.flatMap((kind) => stack.namesOf(kind))) lags.set(name, await loopLagOf(stack, name));
  return lags;
};

const loopLagOf = async (stack: ChaosStack, name: string): Promise<number> => {
  const seconds = await metricOf(stack, name, 'nodejs_eventloop_lag_max_seconds');
  if (seconds === undefined) throw new Error(`${name} does not say how long its event loop stood still`);
  return seconds * 1000;
};
