import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'bun:test';
import { eventsKey } from '@chatapp/contract/shard';
import { fakeClock } from '@chatapp/resilience/fake-clock';
import { silentLog } from '@chatapp/service/log';
import { connectRedis, redisReady } from '@chatapp/service/redis';
import type { Redis } from 'ioredis';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { type TestRedis, testRedis } from '../../../../dev/testing/redis.ts';
import { edit, send } from '../testing/people.ts';
import { createActivity } from './activity.ts';
import type { Outcome, Task } from './task.ts';

let server: TestRedis;
let redis: Redis;
beforeAll(async () => {
  server = await testRedis();
  redis = connectRedis({ url: server.url, role: 'commands', log: silentLog() });
  await redisReady(redis);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(() => redis.flushall());

const start = Date.parse('2026-01-01T00:00:00.000Z');
const ended = new AbortController();
const setUp = (signal = ended.signal) => {
  const clock = fakeClock(start);
  return { clock, activity: createActivity({ redis, clock, log: silentLog(), signal }) };
};
const saved = (task: Task): Outcome => ({ kind: 'saved', task, answer: { ok: {} }, change: null });
const told = async () =>
  (await redis.xrange(eventsKey, '-', '+')).map(([, fields]) => {
    const { conversationId, data } = JSON.parse(fields[1] ?? '');
    return [conversationId, Date.parse(data.lastActivityAt) - start];
  });
const [one, two] = [crypto.randomUUID(), crypto.randomUUID()];

describe('telling of activity', () => {
  it('gathers the conversations of a second, each with its own instant', async () => {
    const { clock, activity } = setUp();
    activity.note([saved(send(one)), saved(send(one))]);
    await clock.advance(400);
    activity.note([saved(send(two)), saved(send(one))]);
    expect(await told()).toEqual([]);
    await clock.advance(600);
    await eventually(async () => (await told()).length === 2);
    expect(await told()).toEqual([
      [one, 0],
      [two, 400],
    ]);
  });

  it('says it once in ten seconds, over all instances', async () => {
    const [first, second] = [setUp(), setUp()];
    first.activity.note([saved(send(one))]);
    await first.clock.advance(1000);
    await eventually(async () => (await told()).length === 1);
    second.activity.note([saved(send(one)), saved(send(two))]);
    await second.clock.advance(1000);
    await eventually(async () => (await told()).length === 2);
    await first.clock.advance(8999);
    first.activity.note([saved(send(one))]);
    expect(first.clock.sleepers()).toBe(0);
    await first.clock.advance(1);
    first.activity.note([saved(send(one))]);
    expect(first.clock.sleepers()).toBe(1);
    expect((await told()).map(([id]) => id)).toEqual([one, two]);
  });

  it('counts new messages only, and tells at once when the service ends', async () => {
    const ending = new AbortController();
    const { activity } = setUp(ending.signal);
    const task = send(one);
    activity.note([saved(edit(two, 1)), { kind: 'repeated', task, answer: { ok: {} }, change: null }]);
    activity.note([saved(task)]);
    ending.abort();
    await eventually(async () => (await told()).length === 1);
    expect(await told()).toEqual([[one, 0]]);
  });
});
