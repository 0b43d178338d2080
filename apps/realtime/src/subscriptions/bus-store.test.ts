import { afterAll, afterEach, beforeAll, describe, expect, it } from 'bun:test';
import { changesChannel, nodeChannel } from '@chatapp/contract/shard';
import { fakeClock } from '@chatapp/resilience/fake-clock';
import { silentLog } from '@chatapp/service/log';
import { connectRedis, redisReady } from '@chatapp/service/redis';
import type { Redis } from 'ioredis';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { redisKinds, type TestRedis, testRedis } from '../../../../dev/testing/redis.ts';
import { createBus } from './bus-store.ts';

describe.each(redisKinds())('createBus, Redis: %s', (kind) => {
  let server: TestRedis;
  let publisher: Redis;
  beforeAll(async () => {
    server = await testRedis(kind);
    publisher = connectRedis({ url: server.url, role: 'commands', log: silentLog() });
    await redisReady(publisher);
  });
  const subscribers: Redis[] = [];
  afterEach(() => {
    for (const subscriber of subscribers.splice(0)) subscriber.disconnect();
  });
  afterAll(async () => {
    publisher.disconnect();
    await server.stop();
  });

  /** A bus that has subscribed, on a clock that stands still. */
  const setUp = async () => {
    const clock = fakeClock(1_000_000);
    const nodeId = crypto.randomUUID();
    const subscriber = connectRedis({ url: server.url, role: 'subscriber', log: silentLog() });
    subscribers.push(subscriber);
    const times: string[] = [];
    const heard: string[] = [];
    const bus = createBus({
      ...{ subscriber, publisher, nodeId, clock, shards: 2, log: silentLog() },
      channels: new Map(),
      onChanges: (text) => heard.push(text),
      onAnswers: (text) => heard.push(text),
      onSubscribed: (time) => times.push(time),
      signal: new AbortController().signal,
    });
    await eventually(() => times.length === 1);
    /** Time passes with a beat every two seconds, as in a node. */
    const live = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 2000) {
        await clock.advance(2000);
        await bus.beat();
        // What was published came round, where it can.
        await publisher.ping();
        await subscriber.ping();
      }
    };
    return { clock, bus, subscriber, nodeId, times, heard, live };
  };

  it('hears every shard, and keeps its connection while its beats come back', async () => {
    const { bus, times, heard, live } = await setUp();
    await live(40_000);
    expect(times).toEqual(['first']);
    expect(bus.isListening()).toBe(true);
    await Promise.all([0, 1].map((shard) => publisher.publish(changesChannel(shard), `changes of ${shard}`)));
    await eventually(() => heard.length === 2);
    expect(heard.toSorted()).toEqual(['changes of 0', 'changes of 1']);
  });

  it('subscribes on a new connection when nothing comes back on one that looks open', async () => {
    const { bus, subscriber, nodeId, times, heard, live } = await setUp();
    await live(4000);
    await subscriber.unsubscribe(nodeChannel(nodeId));
    await live(10_000);
    await eventually(() => times.length === 2);
    expect(times).toEqual(['first', 'again']);
    await publisher.publish(nodeChannel(nodeId), 'answers');
    await eventually(() => heard.includes('answers'));
    expect(bus.isListening()).toBe(true);
  });

  it('subscribes anew at its first beat after it stood still: Redis may have dropped it without a word', async () => {
    const { clock, bus, times, live } = await setUp();
    await live(4000);
    await clock.advance(30_000);
    await bus.beat();
    await eventually(() => times.length === 2);
    expect(times).toEqual(['first', 'again']);
    await live(20_000);
    expect(times).toHaveLength(2);
  });

  it('takes a Redis that was away for no reason to subscribe twice', async () => {
    const { clock, bus, subscriber, times } = await setUp();
    subscriber.disconnect(true);
    await eventually(() => subscriber.status !== 'ready');
    for (let round = 0; round < 10; round++) {
      await clock.advance(2000);
      await bus.beat();
    }
    await eventually(() => times.length === 2);
    await bus.beat();
    await publisher.ping();
    expect(times).toEqual(['first', 'again']);
  });
});
