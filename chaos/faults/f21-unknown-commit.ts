import { eventually } from '../../dev/testing/eventually.ts';
import type { Fault } from '../fault.ts';
import type { Tap } from '../proxy/proxy.ts';

export const unknownCommit: Fault = {
  id: 'F21',
  title: 'the connection is cut between COMMIT and its answer',
  edges: ['messages>postgres'],
  recoveryMsMax: 3000,
  inject: async ({ stack, random, mark, over, isShort }) => {
    const cutsWanted = isShort ? 30 : 500;
    const proxies = stack.proxies('messages>postgres');
    const cutter = cutAfterCommit(random);
    for (const proxy of proxies) proxy.tap = cutter.tap;
    mark(`${cutsWanted} commits get no answer`);
    await eventually(() => cutter.cuts() >= cutsWanted, { timeoutMs: 240_000, intervalMs: 100 });
    for (const proxy of proxies) proxy.tap = undefined;
    over('commits are answered again');
  },
};

const share = 0.15;

/** Lets every commit happen, and cuts at a share of the answers: who asked cannot know. */
const cutAfterCommit = (random: () => number): { tap: Tap; cuts(): number } => {
  let cuts = 0;
  return {
    tap(direction, chunk) {
      // The tag of PostgreSQL's CommandComplete; what the client sends may be a prepared statement without a word in it.
      if (direction === 'up' || !Buffer.from(chunk).includes('COMMIT\0') || random() >= share) return 'pass';
      cuts++;
      return 'reset';
    },
    cuts: () => cuts,
  };
};
