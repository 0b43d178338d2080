import { eventually } from '../../dev/testing/eventually.ts';
import type { Fault } from '../fault.ts';
import type { Link, Tap } from '../proxy/proxy.ts';

export const unknownCommit: Fault = {
  id: 'F21',
  title: 'the connection is cut between COMMIT and its answer',
  edges: ['messages>postgres'],
  recoveryMsMax: 3000,
  inject: async ({ stack, random, mark, over, isShort }) => {
    const cutsWanted = isShort ? 30 : 500;
    const [proxy] = stack.proxies('messages>postgres');
    if (!proxy) throw new Error('no proxy');
    const cutter = cutAfterCommit(random);
    proxy.tap = cutter.tap;
    mark(`${cutsWanted} commits get no answer`);
    await eventually(() => cutter.cuts() >= cutsWanted, { timeoutMs: 240_000, intervalMs: 100 });
    proxy.tap = undefined;
    over('commits are answered again');
  },
};

const share = 0.15;

/** Lets a share of the commits reach the server, and cuts when the server answers. */
const cutAfterCommit = (random: () => number): { tap: Tap; cuts(): number } => {
  const doomed = new WeakSet<Link>();
  let cuts = 0;
  return {
    tap(direction, chunk, link) {
      if (direction === 'up' && /commit\0/i.test(Buffer.from(chunk).toString('latin1')) && random() < share)
        doomed.add(link);
      if (direction !== 'down' || !doomed.has(link)) return 'pass';
      doomed.delete(link);
      cuts++;
      return 'reset';
    },
    cuts: () => cuts,
  };
};
