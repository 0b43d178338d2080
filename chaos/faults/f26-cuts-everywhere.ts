import type { Fault } from '../fault.ts';
import { oneOf } from '../random.ts';
import { allEdges } from '../stack/edges.ts';

const resetShareMin = 0.95;

export const cutsEverywhere: Fault = {
  id: 'F26',
  title: 'five TCP connections a second are reset, anywhere',
  edges: allEdges,
  differs: 'proxies reset both sides in place of ss -K.',
  recoveryMsMax: 5000,
  inject: async ({ stack, random, wait, mark, over, judge, isShort }) => {
    const times = isShort ? 30 : 300;
    let resets = 0;
    mark(`${times} resets`);
    for (let count = 0; count < times; count++) {
      // Not every path has a connection all the time.
      const open = allEdges.map((edge) => stack.proxies(edge).filter(({ connections }) => connections > 0));
      if (
        oneOf(
          random,
          oneOf(
            random,
            open.filter(({ length }) => length > 0),
          ),
        ).resetOne()
      )
        resets++;
      await wait(200);
    }
    over(`the last of ${resets} resets`);
    judge({ what: 'connections that were reset', value: resets, min: resetShareMin * times });
  },
};
