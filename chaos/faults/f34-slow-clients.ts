import { eventually } from '../../dev/testing/eventually.ts';
import type { HistoryEvent } from '../../dev/testing/history.ts';
import { firstShown, lagP99Between } from '../checker/lag.ts';
import type { Fault } from '../fault.ts';
import type { Recorded } from '../pass-figures.ts';
import type { Link } from '../proxy/proxy.ts';
import { sumOfMetric } from './metrics.ts';
import { othersLag } from './others-lag.ts';

const clients = 100;
const slowOnes = clients / 10;
/** People of the loud conversation who read, and write. */
const writers = 4;
/** What tells a socket of the loud conversation from others once the load has run for some seconds; who writes there sends an eighth of what comes back. */
const loudBytesMin = 1_000_000;
const writtenShareMin = 0.04;
const cutWithinMs = 60_000;
const measuredMsMin = 20_000;

export const slowClients: Fault = {
  id: 'F34',
  title: 'a tenth of the clients stop reading',
  differs:
    '10 clients of 100 in place of 50 of 500: on two processors the load itself stood still with 500. The others are judged until the first of those who were cut is told; while all of these catch up at once, 20 MB each, by a bound of its own. Their p99 may grow by a fifth and 50 ms.',
  edges: ['client>bff'],
  // A megabyte a second for each of the slow ones, so that what kernels and relay hold of a connection is full in time; as much for everybody would be more
  // than two processors pass on.
  load: {
    ...{ clients, people: clients / 2, messagesPerSecond: 100 },
    // Who does not read does not look for answers to pings: the server is to end these sockets.
    pings: false,
    loud: { writers, members: slowOnes / 2 + writers, messagesPerSecond: 80, paddingLength: 3900, padding: '…' },
  },
  recoveryMsMax: 3000,
  inject: async ({ stack, wait, mark, over, judge }) => {
    const [proxy] = stack.proxies('client>bff');
    const sockets = () => (proxy?.links() ?? []).filter(({ isSocket }) => isSocket);
    const isLoud = ({ bytes }: Link) => bytes.down > loudBytesMin && bytes.up < writtenShareMin * bytes.down;
    const loud = await eventually(
      () => {
        const found = sockets().filter(isLoud);
        return found.length >= slowOnes && found;
      },
      { timeoutMs: 60_000, what: `${slowOnes} sockets are loud` },
    );
    const slow = loud.slice(0, slowOnes);
    for (const link of slow) link.set({ stopReading: true }, 'down');
    const startedAt = Date.now();
    mark(`${slow.length} of ${sockets().length} sockets are not read`);
    const cutOnes = () => sumOfMetric(stack, 'realtime', 'realtime_slow_sockets_cut_total');
    await eventually(async () => (await cutOnes()) >= slowOnes, { timeoutMs: cutWithinMs, intervalMs: 500 }).catch(
      () => undefined,
    );
    const cut = await cutOnes();
    mark(`${cut} were cut after ${Date.now() - startedAt} ms`);
    await wait(Math.max(0, startedAt + measuredMsMin - Date.now()));
    judge({ what: 'slow sockets cut by a node', value: cut, min: slowOnes });
    over('everybody reads');
    proxy?.heal();
  },
  judge: (recorded) => {
    const { closed, reading, signedOut, toldAt } = roles(recorded);
    const ofReaders = ({ who }: { readonly who: string }) => reading.has(who);
    return [
      // That each of them came back without a gap is the checker's to judge.
      { invariant: 'I7', what: 'clients cut', value: closed.size, min: slowOnes },
      {
        invariant: 'I7',
        what: 'clients that went on reading',
        value: reading.size,
        min: clients - slowOnes - signedOut.size,
      },
      ...othersLag(recorded, ofReaders, toldAt - onItsWayMs),
      {
        invariant: 'I7',
        what: 'shown to others while the cut ones catch up p99, ms',
        value: lagP99Between(firstShown(recorded.events).filter(ofReaders), toldAt, toldAt + catchUpMs),
        max: catchUpLagMs * recorded.leniency,
      },
    ];
  },
};

const stillReadingMs = 5000;
/** Whoever does not read hears of the cut only when the BFF hangs up, or when everything passes again. */
const heardOfWithinMs = 5000;
/** What is sent so shortly before somebody comes back may be shown while they do. */
const onItsWayMs = 1000;
/** They are all back after it, with everything. */
const catchUpMs = 8000;
const catchUpLagMs = 1000;

interface Roles {
  readonly closed: ReadonlySet<string>;
  readonly reading: ReadonlySet<string>;
  /** Whom the load signed out before the end, on both devices. */
  readonly signedOut: ReadonlySet<string>;
  readonly toldAt: number;
}

/** Who was cut for it and when the first of them was told, and who was shown something to the end. */
const roles = ({ events, marks }: Recorded): Roles => {
  const [from, to] = [marks[0]?.at ?? 0, marks.find(({ isOver }) => isOver)?.at ?? 0];
  const between = (since: number, until: number, isOne: (event: HistoryEvent) => boolean) =>
    events.filter((event) => event.at >= since && event.at < until && isOne(event));
  const whoOf = (some: readonly HistoryEvent[]) => new Set(some.map(({ who }) => who));
  const cuts = between(from, to + heardOfWithinMs, (event) => event.k === 'closed' && event.code !== 4501);
  const closed = whoOf(cuts);
  const shown = whoOf(between(to - stillReadingMs, to, (event) => event.k === 'seen' && event.via === 'push'));
  // Who goes on as a ghost is no client.
  const signedOut = whoOf(between(0, to, (event) => event.k === 'signed-out')).intersection(
    whoOf(events.filter(({ k }) => k === 'connected')),
  );
  return { closed, reading: shown.difference(closed), signedOut, toldAt: Math.min(to, ...cuts.map(({ at }) => at)) };
};
