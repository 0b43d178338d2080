import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'bun:test';
import type { BusEvent } from '@chatapp/contract/events';
import { eventsKey } from '@chatapp/contract/shard';
import type { Redis } from 'ioredis';
import { eventually } from '../../dev/testing/eventually.ts';
import { redisKinds, type TestRedis, testRedis } from '../../dev/testing/redis.ts';
import {
  appendEvents,
  compareIds,
  followStream,
  isOfType,
  readEvent,
  type StreamEntry,
  toBusEvent,
} from './event-stream.ts';
import { silentLog } from './log.ts';
import { connectRedis, redisReady } from './redis.ts';

const log = silentLog();
const ended = (sid: string): BusEvent => ({
  id: crypto.randomUUID(),
  type: 'session.ended',
  v: 1,
  at: new Date().toISOString(),
  actor: null,
  conversationId: null,
  version: null,
  data: { sid, userId: crypto.randomUUID(), reason: 'logout' },
  traceparent: null,
});

describe.each(redisKinds())('followStream on %s', (kind) => {
  let server: TestRedis;
  let redis: Redis;
  beforeAll(async () => {
    server = await testRedis(kind);
    redis = connectRedis({ url: server.url, role: 'commands', log });
    await redisReady(redis);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });
  beforeEach(async () => {
    await redis.flushall();
  });

  const follow = (from: string, onEntries: (entries: readonly StreamEntry[]) => Promise<void> | void) => {
    const blocking = connectRedis({ url: server.url, role: 'blocking', log });
    const stopping = new AbortController();
    let wipes = 0;
    const options = { redis: blocking, key: eventsKey, from, blockMs: 50, log, signal: stopping.signal };
    const done = followStream({ ...options, onEntries, onWiped: () => void wipes++ });
    const stop = async () => {
      stopping.abort();
      blocking.disconnect();
      await done;
    };
    return { stop, wipes: () => wipes };
  };
  const sidsOf = (entries: readonly StreamEntry[]) =>
    entries.map((entry) => {
      const event = toBusEvent(entry, log);
      return event?.type === 'session.ended' ? event.data.sid : undefined;
    });

  it('gives every entry in order, from a place on', async () => {
    const first = await appendEvents(redis, [ended('a')]);
    const seen: unknown[] = [];
    const { stop } = follow(first ?? '', (entries) => void seen.push(...sidsOf(entries)));
    await appendEvents(redis, [ended('b'), ended('c')]);
    await eventually(() => seen.length === 2);
    await stop();
    expect(seen).toEqual(['b', 'c']);
  });

  it('tells at once that a quiet stream is read', async () => {
    await appendEvents(redis, [ended('a')]);
    const blocking = connectRedis({ url: server.url, role: 'blocking', log });
    const stopping = new AbortController();
    const read = Promise.withResolvers<void>();
    const options = { redis: blocking, key: eventsKey, from: '$', blockMs: 60_000, log, signal: stopping.signal };
    const done = followStream({ ...options, onEntries: () => undefined, onRead: read.resolve });
    await read.promise;
    stopping.abort();
    blocking.disconnect();
    await done;
  });

  it('gives the same entries again when dealing with them failed', async () => {
    const seen: unknown[] = [];
    let failures = 1;
    const { stop } = follow('0-0', (entries) => {
      if (failures-- > 0) throw new Error('once');
      seen.push(...sidsOf(entries));
    });
    await appendEvents(redis, [ended('a')]);
    await eventually(() => seen.length === 1);
    await stop();
    expect(seen).toEqual(['a']);
  });

  it('begins again at the start of a wiped stream', async () => {
    const seen: unknown[] = [];
    const { stop, wipes } = follow('0-0', (entries) => void seen.push(...sidsOf(entries)));
    await appendEvents(redis, [ended('before')]);
    await eventually(() => seen.length === 1);
    await redis.flushall();
    await redis.xadd(eventsKey, '1-1', 'event', JSON.stringify(ended('after')));
    await eventually(() => seen.length === 2);
    await stop();
    expect(seen).toEqual(['before', 'after']);
    expect(wipes()).toBe(1);
  });

  it('goes on after Redis was killed while a read was waiting', async () => {
    const seen: unknown[] = [];
    const { stop } = follow('0-0', (entries) => void seen.push(...sidsOf(entries)));
    await appendEvents(redis, [ended('x')]);
    await eventually(() => seen.length === 1);
    seen.length = 0;
    server.kill();
    await server.start();
    await eventually(() => redis.status === 'ready');
    await eventually(async () => {
      await appendEvents(redis, [ended('x')]);
      await Bun.sleep(20);
      return seen.length > 0;
    });
    await stop();
    expect(new Set(seen)).toEqual(new Set(['x']));
  });
});

describe('toBusEvent', () => {
  it('drops unknown fields and passes over what it does not know', () => {
    const event = ended('a');
    const entry = (text: string) => ({ id: '1-1', fields: { event: text } });
    expect(toBusEvent(entry(JSON.stringify({ ...event, later: 1 })), log)).toEqual(event);
    expect(toBusEvent(entry(JSON.stringify({ ...event, type: 'of.the.future' })), log)).toBeUndefined();
    expect(toBusEvent(entry('{'), log)).toBeUndefined();
    expect(toBusEvent({ id: '1-1', fields: {} }, log)).toBeUndefined();
  });
});

describe('readEvent', () => {
  const kindOf = (text: string) => readEvent({ id: '1-1', fields: { event: text } }).kind;

  it('tells what a later version says from what nobody can read', () => {
    const event = ended('a');
    expect(kindOf(JSON.stringify(event))).toBe('event');
    expect(kindOf(JSON.stringify({ ...event, type: 'of.the.future' }))).toBe('unknown');
    const malformed = [
      { ...event, v: 2 },
      { ...event, at: '2026-13-01T00:00:00Z' },
      { ...event, type: null },
      null,
      7,
      [],
    ];
    for (const content of malformed) expect(kindOf(JSON.stringify(content))).toBe('malformed');
    for (const text of ['', '{', '['.repeat(50_000)]) expect(kindOf(text)).toBe('malformed');
  });
});

describe('isOfType', () => {
  const entry = (event: unknown) => ({ id: '1-1', fields: { event: JSON.stringify(event) } });

  it('tells the type of an event without reading it', () => {
    expect(isOfType(entry(ended('a')), 'session.ended')).toBe(true);
    expect(isOfType(entry(ended('a')), 'conversation.active')).toBe(false);
    expect(isOfType({ id: '1-1', fields: {} }, 'session.ended')).toBe(false);
  });

  it('is not misled by a text that looks like one', () => {
    const text = JSON.stringify({ type: 'conversation.active' });
    expect(isOfType(entry({ type: 'user.updated', data: { name: text } }), 'conversation.active')).toBe(false);
  });
});

describe('compareIds', () => {
  it('orders by time, then by number, not as text', () => {
    expect(compareIds('9-0', '10-0')).toBeLessThan(0);
    expect(compareIds('5-10', '5-9')).toBeGreaterThan(0);
    expect(compareIds('5-1', '5-1')).toBe(0);
  });
});
