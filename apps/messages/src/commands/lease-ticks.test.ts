import { afterEach, beforeEach, describe, expect, it } from 'bun:test';
import { systemClock } from '@chatapp/resilience/clock';
import { silentLog } from '@chatapp/service/log';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { redisForTests } from '../../../../dev/testing/redis-for-tests.ts';
import { keepLeases } from './lease-ticks.ts';
import { createLeases, type Leases } from './leases.ts';

const redis = redisForTests();
const leaseMs = 3000;
let leases: Leases;
let jumpedMs: number;
let answer: () => Promise<unknown>;
let asked: number;
let stopping: AbortController;
let kept: Promise<void>;

beforeEach(async () => {
  [jumpedMs, asked, answer] = [0, 0, async () => undefined];
  await redis.client.flushall();
  const clock = { ...systemClock, now: () => systemClock.now() + jumpedMs };
  const holder = { redis: redis.client, instance: crypto.randomUUID(), leaseMs, clock, random: Math.random };
  leases = createLeases({ ...holder, names: ['0', '1'], log: silentLog() });
  stopping = new AbortController();
  const askDatabase = () => {
    asked++;
    return answer();
  };
  kept = keepLeases(leases, { leaseMs, askDatabase, clock, log: silentLog() }, stopping.signal);
  await eventually(() => leases.held().size === 2);
});
afterEach(async () => {
  stopping.abort();
  await kept;
});

const askedOften = (times: number) => {
  const before = asked;
  return eventually(() => asked >= before + times, { timeoutMs: 15_000 });
};

describe('keepLeases', () => {
  it('keeps the leases of a process that stood still, where the database answers', async () => {
    const before = leases.held();
    jumpedMs += 10 * leaseMs;
    await askedOften(3);
    await eventually(() => leases.held().size === 2);
    expect(leases.held()).toEqual(before);
  });

  it.each([
    ['is silent', () => new Promise(() => undefined)],
    ['is away', () => Promise.reject(new Error('away'))],
  ])('gives them up while the database %s, and takes them again when it answers', async (_name, unwell) => {
    const silence = Promise.withResolvers<void>();
    answer = () => Promise.race([unwell(), silence.promise]);
    await askedOften(1);
    jumpedMs += 3 * leaseMs;
    await eventually(async () => leases.held().size === 0 && (await redis.client.exists('lease:0', 'lease:1')) === 0);
    answer = async () => undefined;
    silence.resolve();
    await eventually(() => leases.held().size === 2);
  });
});
