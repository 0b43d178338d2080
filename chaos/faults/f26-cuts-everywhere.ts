import type { Fault } from '../fault.ts';
import { oneOf } from '../random.ts';
import { allEdges } from '../stack/edges.ts';

export const cutsEverywhere: Fault = {
  id: 'F26',
  title: 'five TCP connections a second are reset, anywhere',
  edges: allEdges,
  differs: 'proxies reset both sides in place of ss -K.',
  recoveryMsMax: 5000,
  inject: async ({ stack, random, wait, mark, over, isShort }) => {
    const times = isShort ? 30 : 300;
    mark(`${times} resets`);
    for (let count = 0; count < times; count++) {
      oneOf(random, stack.proxies(oneOf(random, allEdges))).resetOne();
      await wait(200);
    }
    over('the last reset');
  },
};
