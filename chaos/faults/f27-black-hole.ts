import type { Chaos, Fault } from '../fault.ts';
import { allEdges, type Edge } from '../stack/edges.ts';
import { expectVisible } from './health.ts';

/** Where one process alone is cut off from what it stands on; the other one of its service is to do the work. */
const loneEdges: readonly Edge[] = [
  'messages>postgres',
  'messages>redis',
  'realtime>redis',
  'bff>redis',
  'conversations>postgres',
];
const shortEdges: readonly Edge[] = ['messages>redis'];

export const blackHole: Fault = {
  id: 'F27',
  title:
    'a path swallows everything for 20 s, one path after another; then those of one process alone, which nobody resets',
  edges: allEdges,
  recoveryMsMax: 10_000,
  check: { requestMsMax: 16_000, sessionSlackMs: 61_000 },
  inject: async (chaos) => {
    for (const edge of chaos.isShort ? shortEdges : allEdges) await swallow(chaos, edge);
    for (const edge of chaos.isShort ? [] : loneEdges) await swallowAlone(chaos, edge);
  },
};

const swallow = async (chaos: Chaos, edge: Edge): Promise<void> => {
  const { stack, wait, mark, over, isShort } = chaos;
  const [caller = ''] = edge.split('>');
  for (const proxy of stack.proxies(edge)) proxy.set({ blackHole: true });
  mark(`${edge} is a black hole`);
  // What is asked once a minute, or on a miss of a cache only, is not missed for as long.
  const isConstant = edge.endsWith('>redis') || edge.endsWith('>postgres');
  const visible = isConstant ? expectVisible(chaos, stack.namesOf(caller), `${edge} swallowed`) : undefined;
  await wait(isShort ? 6000 : 20_000);
  await visible?.stop();
  for (const proxy of stack.proxies(edge)) proxy.heal();
  over(`${edge} is whole`);
  await wait(isShort ? 1000 : 10_000);
};

/** Recovery counts from the beginning, too. Afterwards the old connections pass bytes again, with a hole in them that only deadlines find. */
const swallowAlone = async ({ stack, wait, over }: Chaos, edge: Edge): Promise<void> => {
  const [caller = ''] = edge.split('>');
  const [name = ''] = stack.namesOf(caller);
  for (const proxy of stack.proxies(edge, name)) proxy.set({ blackHole: true });
  over(`${edge} is a black hole for ${name} alone`);
  await wait(20_000);
  for (const proxy of stack.proxies(edge, name)) proxy.set({});
  over(`${edge} passes again for ${name}`);
  await wait(10_000);
};
