import { eventually } from '../../dev/testing/eventually.ts';
import type { Fault } from '../fault.ts';

const points = ['before-commit', 'after-commit', 'before-publish', 'before-xdel'] as const;
const crashesOf = (isShort: boolean): number => (isShort ? 4 : process.env.PROOF === 'full' ? 200 : 20);

export const crashAtFailpoints: Fault = {
  id: 'F2',
  title: 'messages dies before the commit, after it, before the publish, before the removal from the stream',
  amount: (isShort) => `${crashesOf(isShort)} crashes`,
  differs: '20 crashes in place of 200, unless PROOF=full is set.',
  recoveryMsMax: 8000,
  inject: async ({ stack, mark, over, isShort }) => {
    const name = 'messages';
    const crashes = crashesOf(isShort);
    const died = () => stack.deaths.filter((death) => death.name === name).length;
    stack.setEnvironment(name, 'FAILPOINT', points[0]);
    stack.signal(name, 'SIGKILL');
    await eventually(() => died() === 1);
    for (let count = 0; count < crashes; count++) {
      // The process that starts next dies at the point of this round; it needs a lease and a batch to get there.
      await eventually(() => died() === count + 2, { timeoutMs: 60_000, what: `crash ${count + 1}` });
      mark(`crash ${count + 1} of ${crashes}: ${points[count % points.length]}`);
      const next = count + 1 < crashes ? points[(count + 1) % points.length] : 'none';
      stack.setEnvironment(name, 'FAILPOINT', next ?? 'none');
    }
    over('the last crash');
  },
};
