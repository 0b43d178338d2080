import type { Chaos, Fault } from '../fault.ts';
import { oneOf, wholeBelow } from '../random.ts';
import { allEdges } from '../stack/edges.ts';
import { terminateOne } from './database-store.ts';
import { endsFoundLate } from './sessions-lost.ts';

type Deed = (chaos: Chaos) => Promise<string>;

const kill =
  (kind: string): Deed =>
  async ({ stack, random }) => {
    const name = oneOf(random, stack.namesOf(kind));
    stack.signal(name, 'SIGKILL');
    return `kill -9 ${name}`;
  };

const freeze =
  (kind: string): Deed =>
  async ({ stack, random, wait }) => {
    const name = oneOf(random, stack.namesOf(kind));
    stack.signal(name, 'SIGSTOP');
    await wait(1000 + wholeBelow(random, 5000));
    stack.signal(name, 'SIGCONT');
    return `SIGSTOP ${name}, and SIGCONT`;
  };

const cut: Deed = async ({ stack, random }) => {
  const edge = oneOf(random, allEdges);
  for (const proxy of stack.proxies(edge)) proxy.resetAll();
  return `${edge} reset`;
};

const swallow: Deed = async ({ stack, random, wait }) => {
  const edge = oneOf(random, allEdges);
  for (const proxy of stack.proxies(edge)) proxy.set({ blackHole: true });
  await wait(1000 + wholeBelow(random, 5000));
  for (const proxy of stack.proxies(edge)) proxy.heal();
  return `${edge} was a black hole`;
};

const slow: Deed = async ({ stack, random, wait }) => {
  const edge = oneOf(random, allEdges);
  for (const proxy of stack.proxies(edge)) proxy.set({ latencyMs: 50, jitterMs: 100 });
  await wait(5000);
  for (const proxy of stack.proxies(edge)) proxy.set({});
  return `${edge} was slow`;
};

/** The other deed may have killed the database. */
const terminate: Deed = ({ sql }) =>
  terminateOne(sql).then(
    () => 'a backend terminated',
    () => 'no backend terminated, for the database was away,',
  );

const kinds = ['messages', 'realtime', 'conversations', 'bff'];
const deeds: readonly Deed[] = [
  ...[...kinds, 'redis', 'postgres'].map(kill),
  ...[...kinds, 'redis'].map(freeze),
  ...[cut, swallow, slow, terminate],
];

const secondsOf = (isShort: boolean): number => (isShort ? 20 : process.env.PROOF === 'full' ? 1200 : 120);

export const nemesis: Fault = {
  id: 'NEMESIS',
  title: 'two random faults every 10 s',
  edges: allEdges,
  amount: (isShort) => `for ${secondsOf(isShort)} s`,
  differs: '2 minutes in place of 20, unless PROOF=full is set.',
  recoveryMsMax: 20_000,
  // It kills Redis too, and the sessions with it.
  check: { unansweredMsMax: 16_000, ...endsFoundLate, sessionsMayEnd: true },
  inject: async (chaos) => {
    const endsAt = performance.now() + secondsOf(chaos.isShort) * 1000;
    while (performance.now() < endsAt) {
      const roundEndsAt = performance.now() + 10_000;
      const done = await Promise.all([oneOf(chaos.random, deeds)(chaos), oneOf(chaos.random, deeds)(chaos)]);
      chaos.mark(done.join(' and '));
      await chaos.wait(Math.max(0, roundEndsAt - performance.now()));
    }
    chaos.over('the nemesis rests');
  },
};
