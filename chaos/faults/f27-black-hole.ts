import type { Fault } from '../fault.ts';
import type { Edge } from '../stack/edges.ts';

const edges: readonly Edge[] = [
  'messages>redis',
  'realtime>redis',
  'bff>redis',
  'messages>postgres',
  'bff>realtime',
  'bff>messages',
  'realtime>conversations',
  'client>bff',
];

export const blackHole: Fault = {
  id: 'F27',
  title: 'a path swallows everything for 20 s, one path after another',
  edges,
  recoveryMsMax: 10_000,
  check: { requestMsMax: 16_000, sessionSlackMs: 61_000 },
  inject: async ({ stack, wait, mark, over, isShort }) => {
    for (const edge of isShort ? edges.slice(0, 1) : edges) {
      for (const proxy of stack.proxies(edge)) proxy.set({ blackHole: true });
      mark(`${edge} is a black hole`);
      await wait(isShort ? 6000 : 20_000);
      for (const proxy of stack.proxies(edge)) proxy.heal();
      over(`${edge} is whole`);
      await wait(isShort ? 1000 : 10_000);
    }
  },
};
