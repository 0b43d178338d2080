import { afterEach, beforeEach, describe, expect, it } from 'bun:test';
import { systemClock } from '@chatapp/resilience/clock';
import { silentLog } from '@chatapp/service/log';
import { connectRedis, redisReady } from '@chatapp/service/redis';
import type { Redis } from 'ioredis';
import { ChaosProxy } from '../../../../chaos/proxy/proxy.ts';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { redisForTests } from '../../../../dev/testing/redis-for-tests.ts';
import { keepLeases } from './lease-ticks.ts';
import { createLeases, type Leases } from './leases.ts';

const server = redisForTests();
const shards = Array.from({ length: 16 }, (_, shard) => String(shard));
const leaseMs = 3000;
const [clock, log] = [systemClock, silentLog()];

const leasesOf = (names: readonly string[], redis: Redis): Leases =>
  createLeases({ redis, instance: crypto.randomUUID(), names, leaseMs, clock, random: Math.random, log });
const tickAll = async (all: readonly Leases[], times: number) => {
  for (let time = 0; time < times; time++) {
    for (const one of all) {
      await one.tick();
      await one.settled();
    }
  }
};
const counts = (all: readonly Leases[]) => all.map((one) => one.held().size).toSorted((left, right) => left - right);

beforeEach(async () => {
  await server.client.flushall();
});

describe('leases', () => {
  it.each([
    [1, [16]],
    [2, [8, 8]],
    [3, [5, 5, 6]],
    [5, [3, 3, 3, 3, 4]],
  ])('are shared evenly among %d instances', async (instances, shares) => {
    const all = Array.from({ length: instances }, () => leasesOf(shards, server.client));
    await tickAll(all, 6);
    expect(counts(all)).toEqual(shares);
  });

  it('are all held where there are more instances, and stay with those who have them', async () => {
    const first = leasesOf(['0'], server.client);
    await tickAll([first], 1);
    const others = Array.from({ length: 9 }, () => leasesOf(['0'], server.client));
    await tickAll([first, ...others], 4);
    expect(counts([first])).toEqual([1]);
    await first.releaseAll();
    await tickAll(others, 4);
    expect(counts(others)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1]);
  });
});

describe('leases of an instance that ends', () => {
  it('are free at once, also those that it was about to take', async () => {
    const [ending, other] = [leasesOf(shards, server.client), leasesOf(shards, server.client)];
    const tick = ending.tick();
    await ending.releaseAll();
    await tick;
    await tickAll([other], 1);
    expect(counts([other])).toEqual([16]);
  });
});

describe('leases in a slow Redis', () => {
  let proxy: ChaosProxy;
  let redis: Redis;
  beforeEach(async () => {
    const { hostname, port } = new URL(server.url);
    proxy = new ChaosProxy({ targets: [{ hostname, port: Number(port) }] });
    redis = connectRedis({ url: `redis://127.0.0.1:${proxy.port}`, role: 'commands', log });
    await redisReady(redis);
    proxy.set({ latencyMs: 250 }, 'down');
  });
  afterEach(() => {
    redis.disconnect();
    proxy.stop();
  });

  it('are taken before the first of them end, and kept', async () => {
    const [leases, stopping] = [leasesOf(shards, redis), new AbortController()];
    const kept = keepLeases(leases, { leaseMs, askDatabase: async () => undefined, clock, log }, stopping.signal);
    await eventually(() => leases.held().size === shards.length, { timeoutMs: 10_000 });
    const tenures = leases.held();
    await leases.tick();
    await leases.tick();
    expect(leases.held()).toEqual(tenures);
    stopping.abort();
    await kept;
  }, 20_000);
});
