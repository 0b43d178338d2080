import { eventually } from '../../dev/testing/eventually.ts';
import type { Chaos } from '../fault.ts';
import { oneOf, wholeBelow } from '../random.ts';
import { judgeVisible, watchVisible } from './health.ts';

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

/** Whoever looks at the process that was killed must find it gone, each time. */
const killEach = async (chaos: Chaos, kind: string, times: number, before: () => Promise<void>): Promise<void> => {
  const seenAfterMs: (number | null)[] = [];
  let watch: ReturnType<typeof killOne> | undefined;
  const look = async () => {
    if (watch) seenAfterMs.push(await watch.stop());
  };
  for (let count = 0; count < times; count++) {
    await chaos.wait(2000 + wholeBelow(chaos.random, 3000));
    await before();
    await look();
    watch = killOne(chaos, kind);
  }
  await chaos.wait(2000);
  await look();
  const slowest = seenAfterMs.includes(null) ? null : Math.max(...seenAfterMs.map((ms) => ms ?? 0));
  judgeVisible(chaos, `kill -9 of ${kind}`, slowest);
};

const killOne = (chaos: Chaos, kind: string): ReturnType<typeof watchVisible> => {
  const { stack, random, over } = chaos;
  const name = oneOf(random, stack.namesOf(kind));
  stack.signal(name, 'SIGKILL');
  over(`kill -9 ${name}`);
  return watchVisible(chaos, [name]);
};
