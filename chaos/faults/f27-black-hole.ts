import { eventually } from '../../dev/testing/eventually.ts';
import { closedAfterMs } from '../checker/closed-after.ts';
import type { Chaos, Fault } from '../fault.ts';
import { allEdges, type Edge } from '../stack/edges.ts';
import { type Asker, askers } from './askers.ts';
import { expectVisible, tellsOf } from './health.ts';
import { metricOf } from './metrics.ts';
import { endsFoundLate } from './sessions-lost.ts';

/** Where one process alone is cut off from what it stands on; the other one of its service is to do the work. */
const loneEdges: readonly Edge[] = [
  'messages>postgres',
  'messages>redis',
  'realtime>redis',
  'bff>redis',
  'conversations>postgres',
];
const shortEdges: readonly Edge[] = ['messages>redis'];

/** Longer than a client takes to find out. */
const clientHoleMs = 40_000;
const holeMs = 20_000;

/** A ping every 25 s that has 10 s to be answered; and what two timers are late on a machine of which each core has six processes. */
const clientHeartbeatMs = 35_000 + 500;
const internalHeartbeatMs = 5000;

/** Holes that clients notice by their sockets: by their own heartbeat, or by the BFF's, which closes them. */
const closing: readonly { readonly edge: Edge; readonly withinMs: number }[] = [
  { edge: 'client>bff', withinMs: clientHeartbeatMs },
  { edge: 'bff>realtime', withinMs: internalHeartbeatMs },
];

const holeIn = (edge: Edge): string => `${edge} is a black hole`;

export const blackHole: Fault = {
  id: 'F27',
  title:
    'a path swallows everything for 20 s, that of the clients for 40 s, one path after another; then those of one process alone, which nobody resets',
  edges: allEdges,
  differs: 'proxies that swallow in place of iptables.',
  recoveryMsMax: 10_000,
  check: { unansweredMsMax: 16_000, ...endsFoundLate },
  inject: async (chaos) => {
    for (const edge of chaos.isShort ? shortEdges : allEdges) await swallow(chaos, edge);
    for (const edge of chaos.isShort ? [] : loneEdges) await swallowAlone(chaos, edge);
  },
  judge: ({ events, marks }) =>
    closing.flatMap(({ edge, withinMs }) => {
      const at = marks.findIndex(({ what }) => what === holeIn(edge));
      const [begun, ended] = [marks[at], marks[at + 1]];
      if (begun === undefined || ended === undefined) return [];
      const value = closedAfterMs(events, begun.at, ended.at);
      return [{ invariant: 'I7', what: `the last client's socket over ${edge} is given up, ms`, value, max: withinMs }];
    }),
};

const swallow = async (chaos: Chaos, edge: Edge): Promise<void> => {
  const { stack, wait, mark, over, isShort } = chaos;
  const ask = await askers[edge]?.(chaos);
  for (const proxy of stack.proxies(edge)) proxy.set({ blackHole: true });
  mark(holeIn(edge));
  const detected = expectDetected(chaos, edge, ask);
  await wait(isShort ? 6000 : edge === 'client>bff' ? clientHoleMs : holeMs);
  await detected?.stop();
  for (const proxy of stack.proxies(edge)) proxy.heal();
  over(`${edge} is whole`);
  await wait(isShort ? 1000 : 10_000);
};

/**
 * What each hole must be seen by, beside the clients' sockets. Not seen is one between realtime and the BFF: a node asks there once a minute whether sessions live,
 * and a hole of 20 s may fall between two questions. One that is met leaves the sessions as they are until the next.
 */
const expectDetected = (chaos: Chaos, edge: Edge, ask: Asker | undefined): { stop(): Promise<void> } | undefined => {
  const [caller = '', callee = ''] = edge.split('>');
  const names = chaos.stack.namesOf(caller);
  if (edge === 'client>bff') return expectForgotten(chaos);
  if (callee === 'redis' || callee === 'postgres') return expectVisible(chaos, names, `${edge} swallowed`);
  if (ask === undefined) return undefined;
  const asking = ask();
  const visible = expectVisible(chaos, names, `${edge} swallowed`, tellsOf(callee));
  return {
    async stop() {
      // Those who wait yet are answered once the path is whole.
      void asking.stop();
      await visible.stop();
    },
  };
};

/** The BFF, too, is to know that nobody is there any more. */
const expectForgotten = ({ stack, judge }: Chaos): { stop(): Promise<void> } => {
  const startedAt = Date.now();
  const isEmpty = async () => {
    const counts = await Promise.all(stack.namesOf('bff').map((name) => metricOf(stack, name, 'bff_sockets')));
    return counts.every((count) => count === 0);
  };
  const forgotten = eventually(isEmpty, { timeoutMs: clientHoleMs, intervalMs: 200 }).then(
    () => Date.now() - startedAt,
    () => null,
  );
  return {
    async stop() {
      const value = await forgotten;
      judge({ what: 'the BFF has closed the sockets of clients that are silent, ms', value, max: clientHeartbeatMs });
    },
  };
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
