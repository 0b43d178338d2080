import type { HistoryEvent } from '../../dev/testing/history.ts';
import type { Fault } from '../fault.ts';
import type { Recorded } from '../pass-figures.ts';
import { sumOfMetric } from './metrics.ts';
import { othersLag } from './others-lag.ts';

const clients = 24;
const slowShare = 4;

export const slowClients: Fault = {
  id: 'F34',
  title: 'a quarter of the clients stop reading',
  edges: ['client>bff'],
  // Half a megabyte a second for each, so that what kernels and relay hold of a connection is full in time; hence so few clients.
  load: {
    ...{ clients, people: clients / 2, conversations: 1, members: clients / 2 },
    ...{ paddingLength: 3900, padding: '…', messagesPerSecond: 40 },
  },
  recoveryMsMax: 3000,
  inject: async ({ stack, wait, mark, over, judge }) => {
    const [proxy] = stack.proxies('client>bff');
    const links = proxy?.links() ?? [];
    const slow = links.filter((_, at) => at % slowShare === 0);
    for (const link of slow) link.set({ stopReading: true }, 'down');
    mark(`${slow.length} of ${links.length} connections are not read`);
    await wait(45_000);
    const cut = await sumOfMetric(stack, 'realtime', 'realtime_slow_sockets_cut_total');
    judge({ what: 'slow sockets cut by a node', value: cut, min: 1 });
    proxy?.heal();
    over('everybody reads');
  },
  judge: (recorded) => {
    const { closed, reading } = roles(recorded);
    return [
      // Also by their own pings; that each of them came back without a gap is the checker's to judge.
      { invariant: 'I7', what: 'clients cut', value: closed.size, min: 1 },
      { invariant: 'I7', what: 'clients that went on reading', value: reading.size, min: clients / 2 },
      ...othersLag(recorded, ({ who }) => reading.has(who)),
    ];
  },
};

const stillReadingMs = 5000;

/** Who was cut while the connections were not read, and who was shown something to the end. */
const roles = ({ events, marks }: Recorded): { closed: ReadonlySet<string>; reading: ReadonlySet<string> } => {
  const [from, to] = [marks[0]?.at ?? 0, marks[1]?.at ?? 0];
  const within = (since: number, isOne: (event: HistoryEvent) => boolean) =>
    new Set(events.filter((event) => event.at >= since && event.at < to && isOne(event)).map(({ who }) => who));
  const closed = within(from, ({ k }) => k === 'closed');
  const shown = within(to - stillReadingMs, (event) => event.k === 'seen' && event.via === 'push');
  return { closed, reading: shown.difference(closed) };
};
