import { codeOf, isTemporary } from '../api/api-error.ts';
import { reconnectDelayMs } from './backoff.ts';
import type { Clock } from './clock.ts';

type Load = () => Promise<unknown>;
export type ListsParts = {
  /** The lists that are known by now. */
  loads: () => readonly Load[];
  clock: Clock;
  random: () => number;
};

/** Loads all lists, each again until that worked, a newer round takes its place, or no repeat would help. */
export const createLists = ({ loads, clock, random }: ListsParts) => {
  let round = 0;

  const untilLoaded = async (load: Load) => {
    const mine = round;
    for (let attempt = 0; mine === round; attempt++) {
      try {
        await load();
        return;
      } catch (error) {
        if (!isTemporary(codeOf(error))) return;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      clock.after(reconnectDelayMs(attempt, random), resolve);
      await promise;
    }
  };

  const stop = (): void => {
    round++;
  };
  return {
    load: (): void => {
      stop();
      for (const one of loads()) void untilLoaded(one);
    },
    stop,
  };
};
