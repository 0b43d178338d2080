import { eventually } from '../../dev/testing/eventually.ts';
import type { Chaos } from '../fault.ts';
import { oneOf, wholeBelow } from '../random.ts';

/** `kill -9` of one process of the service after another, at random moments of 2 to 5 s; the supervisor starts them again. */
export const killAgainAndAgain = async (chaos: Chaos, kind: string, times: number): Promise<void> => {
  for (let count = 0; count < times; count++) {
    await chaos.wait(2000 + wholeBelow(chaos.random, 3000));
    killOne(chaos, kind);
  }
};

/** The same, but never the last one that lives: each time after all of them are ready. */
export const killOneOfAll = async (chaos: Chaos, kind: string, times: number): Promise<void> => {
  const { stack } = chaos;
  for (let count = 0; count < times; count++) {
    await chaos.wait(2000 + wholeBelow(chaos.random, 3000));
    for (const name of stack.namesOf(kind))
      await eventually(() => stack.isReady(name), { timeoutMs: 30_000, what: `${name} is ready` });
    killOne(chaos, kind);
  }
};

const killOne = ({ stack, random, over }: Chaos, kind: string): void => {
  const name = oneOf(random, stack.namesOf(kind));
  stack.signal(name, 'SIGKILL');
  over(`kill -9 ${name}`);
};
