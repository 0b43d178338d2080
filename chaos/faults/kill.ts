import type { Chaos } from '../fault.ts';
import { oneOf, wholeBelow } from '../random.ts';

/** `kill -9` of one process of the service after another, at random moments of 2 to 5 s; the supervisor starts them again. */
export const killAgainAndAgain = async (chaos: Chaos, kind: string, times: number): Promise<void> => {
  for (let count = 0; count < times; count++) {
    await chaos.wait(2000 + wholeBelow(chaos.random, 3000));
    const name = oneOf(chaos.random, chaos.stack.namesOf(kind));
    chaos.stack.signal(name, 'SIGKILL');
    chaos.over(`kill -9 ${name}`);
  }
};
