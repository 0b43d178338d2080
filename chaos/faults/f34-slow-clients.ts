import { eventually } from '../../dev/testing/eventually.ts';
import type { HistoryEvent } from '../../dev/testing/history.ts';
import type { Fault } from '../fault.ts';
import type { Recorded } from '../pass-figures.ts';
import type { Link } from '../proxy/proxy.ts';
import { sumOfMetric } from './metrics.ts';
import { othersLag } from './others-lag.ts';

const clients = Number(process.env.F34_CLIENTS ?? 500);
const slowOnes = clients / 10;
/** A person has two sockets; one more writes. */
const loudMembers = slowOnes / 2 + 1;
/** What tells a socket of the loud conversation from others, and from its writer's, once the load has run for some seconds. */
const loudBytesMin = 1_000_000;
const writerBytesMin = 500_000;
/** Whom the load signs out on its way, on both devices, twice. */
const signedOutMax = 4;
const cutWithinMs = 45_000;
const measuredMsMin = 20_000;

export const slowClients: Fault = {
  id: 'F34',
  title: 'a tenth of the clients stop reading',
  edges: ['client>bff'],
  // Half a megabyte a second for each of the slow ones, so that what kernels and relay hold of a connection is full in time, before its client's ping ends it;
  // as much for everybody would be more than two processors pass on.
  load: {
    ...{ clients, people: clients / 2, messagesPerSecond: 100 },
    loud: { members: loudMembers, messagesPerSecond: 40, paddingLength: 3900, padding: '…' },
  },
  recoveryMsMax: 3000,
  inject: async ({ stack, wait, mark, over, judge }) => {
    const [proxy] = stack.proxies('client>bff');
    const sockets = (proxy?.links() ?? []).filter(({ isSocket }) => isSocket);
    const isLoud = ({ bytes }: Link) => bytes.down > loudBytesMin && bytes.up < writerBytesMin;
    const slow = sockets.filter(isLoud).slice(0, slowOnes);
    if (slow.length < slowOnes) throw new Error(`${slow.length} sockets are loud, ${slowOnes} are to be slow`);
    for (const link of slow) link.set({ stopReading: true }, 'down');
    const startedAt = Date.now();
    mark(`${slow.length} of ${sockets.length} sockets are not read`);
    const cutOnes = () => sumOfMetric(stack, 'realtime', 'realtime_slow_sockets_cut_total');
    await eventually(async () => (await cutOnes()) >= slowOnes, { timeoutMs: cutWithinMs, intervalMs: 500 }).catch(
      () => undefined,
    );
    const cut = await cutOnes();
    mark(`${cut} were cut after ${Date.now() - startedAt} ms`);
    await wait(Math.max(0, startedAt + measuredMsMin - Date.now()));
    judge({ what: 'slow sockets cut by a node', value: cut, min: slowOnes });
    proxy?.heal();
    over('everybody reads');
  },
  judge: (recorded) => {
    const { closed, reading } = roles(recorded);
    return [
      // That each of them came back without a gap is the checker's to judge.
      { invariant: 'I7', what: 'clients cut', value: closed.size, min: slowOnes },
      {
        invariant: 'I7',
        what: 'clients that went on reading',
        value: reading.size,
        min: clients - slowOnes - signedOutMax,
      },
      ...othersLag(recorded, ({ who }) => reading.has(who)),
    ];
  },
};

const stillReadingMs = 5000;

/** Who was cut while the sockets were not read, and who was shown something to the end. */
const roles = ({ events, marks }: Recorded): { closed: ReadonlySet<string>; reading: ReadonlySet<string> } => {
  const [from, to] = [marks[0]?.at ?? 0, marks.find(({ isOver }) => isOver)?.at ?? 0];
  const within = (since: number, isOne: (event: HistoryEvent) => boolean) =>
    new Set(events.filter((event) => event.at >= since && event.at < to && isOne(event)).map(({ who }) => who));
  const closed = within(from, ({ k }) => k === 'closed');
  const shown = within(to - stillReadingMs, (event) => event.k === 'seen' && event.via === 'push');
  return { closed, reading: shown.difference(closed) };
};
