import { afterEach, expect, it } from 'bun:test';
import type { Target } from '../proxy/proxy.ts';
import { Balancer } from './balancer.ts';

const open: { stop(): void }[] = [];
afterEach(() => {
  for (const part of open.splice(0)) part.stop();
});

const named = (name: string): Target => {
  const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response(name) });
  open.push({ stop: () => void server.stop(true) });
  return { hostname: '127.0.0.1', port: server.port ?? 0 };
};

it('a balancer gives new connections to those that are ready, and to all where none is', async () => {
  const targets = [named('ann'), named('bob')];
  const unready = new Set<Target>();
  const balancer = new Balancer({ targets, isReady: async (target) => !unready.has(target) });
  open.push(balancer);
  const askedOf = async () => {
    await balancer.look();
    const ask = () =>
      fetch(`http://127.0.0.1:${balancer.port}`, { keepalive: false, headers: { connection: 'close' } });
    const names = await Promise.all(Array.from({ length: 4 }, async () => (await ask()).text()));
    return [...new Set(names)].sort();
  };
  expect(await askedOf()).toEqual(['ann', 'bob']);
  const [ann, bob] = targets;
  if (ann) unready.add(ann);
  expect(await askedOf()).toEqual(['bob']);
  if (bob) unready.add(bob);
  expect(await askedOf()).toEqual(['ann', 'bob']);
});
