import { afterAll, afterEach, beforeAll, describe, expect, it } from 'bun:test';
import type { Redis } from 'ioredis';
import { eventually } from '../../dev/testing/eventually.ts';
import { redisKinds, type TestRedis, testRedis } from '../../dev/testing/redis.ts';
import { silentLog } from './log.ts';
import { createRateLimit } from './rate-limit.ts';
import { connectRedis, redisReady } from './redis.ts';

describe.each(redisKinds())('createRateLimit (%s)', (kind) => {
  let server: TestRedis;
  let redis: Redis;
  let offsetMs = 0;
  beforeAll(async () => {
    server = await testRedis(kind);
    redis = connectRedis({ url: server.url, role: 'commands', log: silentLog() });
    await redisReady(redis);
  }, 30_000);
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });
  afterEach(() => {
    offsetMs = 0;
  });

  const instance = (points: number, seconds = 60) =>
    createRateLimit({ prefix: `limit:test:${points}`, points, seconds, redis, now: () => Date.now() + offsetMs });
  const allowedOf = async (limits: readonly ReturnType<typeof instance>[], key: string, times: number) => {
    const decisions = await Promise.all(Array.from({ length: times }, (_, at) => limits[at % limits.length]?.(key)));
    return decisions.filter((decision) => decision?.allowed).length;
  };

  it('S43: holds over two instances within five per cent, whatever comes at once', async () => {
    const [one, other] = [instance(1000), instance(1000)];
    expect(await allowedOf([one, other], 'ann', 10_000)).toBeWithin(950, 1001);
    const refused = await one('ann');
    expect(refused).toMatchObject({ allowed: false, limit: 1000, remaining: 0 });
    expect(refused.resetMs).toBeWithin(1, 60_001);
  });

  it('counts small limits one by one', async () => {
    expect(await allowedOf([instance(3), instance(3)], 'ann', 30)).toBe(3);
  });

  it('is each key’s own, and begins anew', async () => {
    const limit = instance(5, 3);
    expect(await allowedOf([limit], 'bob', 9)).toBe(5);
    expect(await allowedOf([limit], 'carol', 9)).toBe(5);
    await eventually(async () => (await limit('bob')).allowed);
    expect(await allowedOf([limit], 'bob', 9)).toBe(4);
  });

  it('asks Redis once for many', async () => {
    const limit = instance(500);
    await limit('dave');
    const before = Number(/total_commands_processed:(\d+)/.exec(await redis.info('stats'))?.[1] ?? 0);
    for (let count = 0; count < 9; count++) await limit('dave');
    if (kind === 'real') {
      const after = Number(/total_commands_processed:(\d+)/.exec(await redis.info('stats'))?.[1] ?? 0);
      expect(after - before).toBe(1);
    }
  });

  it('counts alone while Redis is away', async () => {
    const limit = instance(10);
    await server.stop();
    expect(await allowedOf([limit], 'eve', 50)).toBe(10);
    await server.start();
    await redisReady(redis);
    offsetMs = 2000;
    expect((await limit('frank')).allowed).toBe(true);
    expect(await redis.get('limit:test:10:frank')).toBe('1');
  }, 20_000);
});
