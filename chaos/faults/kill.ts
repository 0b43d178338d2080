import { eventually } from '../../dev/testing/eventually.ts';
import type { Chaos } from '../fault.ts';
import { oneOf, wholeBelow } from '../random.ts';
import { type Kill, toldOfKills } from './told-of-kills.ts';

/** `kill -9` of one process of the service after another, at random moments of 2 to 5 s; the supervisor starts them again. */
export const killAgainAndAgain = (chaos: Chaos, kind: string, times: number): Promise<void> =>
  killEach(chaos, kind, times, async () => undefined);

/** The same, but never the last one that lives: each time after all of them are ready. */
export const killOneOfAll = (chaos: Chaos, kind: string, times: number): Promise<void> =>
  killEach(chaos, kind, times, async () => {
    const { stack } = chaos;
    for (const name of stack.namesOf(kind))
      await eventually(() => stack.isReady(name), { timeoutMs: 30_000, what: `${name} is ready` });
  });

const killEach = async (chaos: Chaos, kind: string, times: number, before: () => Promise<void>): Promise<void> => {
  const kills: Kill[] = [];
  for (let count = 0; count < times; count++) {
    await chaos.wait(2000 + wholeBelow(chaos.random, 3000));
    await before();
    kills.push(killOne(chaos, kind));
  }
  await chaos.wait(2000);
  for (const figure of toldOfKills(kind, kills, chaos.stack.deaths)) chaos.judge(figure);
};

const killOne = ({ stack, random, over }: Chaos, kind: string): Kill => {
  const name = oneOf(random, stack.namesOf(kind));
  const at = Date.now();
  stack.signal(name, 'SIGKILL');
  over(`kill -9 ${name}`);
  return { name, at };
};
