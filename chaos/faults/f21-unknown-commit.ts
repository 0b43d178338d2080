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
/** A batch of sends is one statement, its own transaction, and answered as a question is; what it is bound to is far longer than a question's. */
const sendsBytesMin = 600;

/** Lets every commit happen, and cuts at a share of the answers: who asked cannot know. */
const cutAfterCommit = (random: () => number): { tap: Tap; cuts(): number } => {
  let cuts = 0;
  const sending = new WeakSet<object>();
  return {
    tap(direction, chunk, link) {
      if (direction === 'up') {
        if (chunk.length >= sendsBytesMin) sending.add(link);
        return 'pass';
      }
      // Tags of PostgreSQL's CommandComplete; what the client sends may be a prepared statement without a word in it.
      const answer = Buffer.from(chunk);
      const isCommitted = answer.includes('COMMIT\0') || (sending.has(link) && answer.includes('SELECT 1\0'));
      if (answer.includes('SELECT 1\0')) sending.delete(link);
      if (!isCommitted || random() >= share) return 'pass';
      cuts++;
      return 'reset';
    },
    cuts: () => cuts,
  };
};
