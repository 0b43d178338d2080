import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { systemClock } from '@chatapp/resilience/clock';
import { appendEvents } from '@chatapp/service/event-stream';
import { silentLog } from '@chatapp/service/log';
import { connectRedis, redisReady } from '@chatapp/service/redis';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { type TestRedis, testRedis } from '../../../../dev/testing/redis.ts';
import { gone } from '../testing/events.ts';
import { ann } from '../testing/people.ts';
import { createAccessCache } from './access.ts';
import { createReadsEvents, followForAccess } from './follow-events.ts';

let server: TestRedis;
beforeAll(async () => {
  server = await testRedis();
});
afterAll(() => server.stop());

describe('following events for access', () => {
  it('drops what an event changed within a second, and trusts nothing while Redis is away', async () => {
    const [redis, blocking] = [connect('commands'), connect('blocking')];
    await Promise.all([redisReady(redis), redisReady(blocking)]);
    const c = crypto.randomUUID();
    let asked = 0;
    const clock = systemClock;
    const { noteRead, readsEvents } = createReadsEvents(clock.now);
    const ask = async () => ({ role: 'member' as const, version: ++asked + 1 });
    const access = createAccessCache({ ask, readsEvents, now: clock.now, keepMs: 60_000 });
    const ending = new AbortController();
    const log = silentLog();
    const following = followForAccess({ blocking, access, noteRead, clock, log, signal: ending.signal });
    await eventually(readsEvents);
    await access.of(c, ann);
    await access.of(c, ann);
    expect(asked).toBe(1);
    await appendEvents(redis, [gone(c, 'member.removed', 1)]);
    await eventually(async () => {
      await access.of(c, ann);
      return asked === 2;
    });
    server.kill();
    await eventually(() => !readsEvents());
    await access.of(c, ann);
    await access.of(c, ann);
    expect(asked).toBe(4);
    await server.start();
    await eventually(readsEvents, { timeoutMs: 10_000 });
    ending.abort();
    blocking.disconnect();
    redis.disconnect();
    await following;
  });
});

const connect = (role: 'commands' | 'blocking') => connectRedis({ url: server.url, role, log: silentLog() });
