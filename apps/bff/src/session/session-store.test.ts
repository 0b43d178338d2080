import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { silentLog } from '@chatapp/service/log';
import { connectRedis, redisReady } from '@chatapp/service/redis';
import type { Redis } from 'ioredis';
import { redisKinds, type TestRedis, testRedis } from '../../../../dev/testing/redis.ts';
import { createLoginStore } from '../login/login-store.ts';
import { createSessionStore, type SessionRecord, type SessionStore } from './session-store.ts';

describe.each(redisKinds())('sessions in Redis (%s)', (kind) => {
  let server: TestRedis;
  let redis: Redis;
  let store: SessionStore;
  beforeAll(async () => {
    server = await testRedis(kind);
    redis = connectRedis({ url: server.url, role: 'commands', log: silentLog() });
    await redisReady(redis);
    store = createSessionStore(redis);
  }, 30_000);
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  const record = (more: Partial<SessionRecord> = {}): SessionRecord => {
    const now = Date.now();
    const times = { startedAt: now, endsAt: now + 60_000 };
    return { v: 1, userId: crypto.randomUUID(), userAgent: 'x', issuerSid: 'i', box: 'box', ...times, ...more };
  };
  const sid = () => crypto.randomUUID();

  it('come back as they were, for as long as they live', async () => {
    const [id, one] = [sid(), record()];
    await store.create(id, one, 30_000);
    const found = await store.read(id);
    expect(found?.record).toEqual(one);
    expect(found?.leftMs).toBeWithin(29_000, 30_001);
    await store.keep(id, 50_000);
    expect((await store.read(id))?.leftMs).toBeWithin(49_000, 50_001);
    expect(await store.read(sid())).toBeUndefined();
  });

  it('are not read in a form of another version', async () => {
    const id = sid();
    await redis.set(`session:${id}`, JSON.stringify({ ...record(), v: 2 }), 'PX', 1000);
    expect(await store.read(id)).toBeUndefined();
  });

  it('are written again only while they live, with the life that they had', async () => {
    const [id, one] = [sid(), record()];
    await store.create(id, one, 30_000);
    expect(await store.replace(id, { ...one, box: 'new' })).toBe(true);
    const found = await store.read(id);
    expect(found?.record.box).toBe('new');
    expect(found?.leftMs).toBeWithin(29_000, 30_001);
    await store.remove(id);
    expect(await store.replace(id, one)).toBe(false);
    expect(await store.read(id)).toBeUndefined();
  });

  it('stay listed for as long as they live where a newer one lives shorter', async () => {
    const userId = crypto.randomUUID();
    const now = Date.now();
    const [long, short] = [sid(), sid()];
    await store.create(long, record({ userId, issuerSid: null, endsAt: now + 3_600_000 }), 30_000);
    await store.create(short, record({ userId, issuerSid: null, endsAt: now + 60_000 }), 30_000);
    expect(await redis.pttl(`session:user:${userId}`)).toBeWithin(3_500_000, 3_600_001);
    await store.create(sid(), record({ userId, issuerSid: null, endsAt: now + 7_200_000 }), 30_000);
    expect(await redis.pttl(`session:user:${userId}`)).toBeWithin(7_100_000, 7_200_001);
    expect(await store.ofUser(userId, now)).toContain(long);
  });

  it('are listed no more, nor kept in a list, once they are too old to live, though nobody ended them', async () => {
    const userId = crypto.randomUUID();
    const now = Date.now();
    const begin = async (startedAt: number, lifeMs: number) => {
      const id = sid();
      await store.create(id, record({ userId, issuerSid: userId, startedAt, endsAt: startedAt + lifeMs }), 30_000);
      return id;
    };
    const [long] = [await begin(now, 60_000), await begin(now, 10_000)];
    const later = await begin(now + 20_000, 60_000);
    for (const key of [`session:user:${userId}`, `session:issuer:${userId}`]) {
      expect(await redis.zrange(key, 0, '-1')).toEqual([long, later]);
    }
  });

  it('are ended by one of two who end them at once', async () => {
    const [id, one] = [sid(), record()];
    await store.create(id, one, 30_000);
    const ended = await Promise.all([store.remove(id), store.remove(id)]);
    expect(ended.filter((found) => found !== undefined)).toEqual([one]);
  });

  it('that ended by themselves are taken out by one of two who find them so, and by nobody once they were ended', async () => {
    const now = Date.now();
    for (const stored of [true, false]) {
      const [id, one] = [sid(), record()];
      await store.create(id, one, 30_000);
      // The list of a person goes with the last session that it can hold, the record with its idle time.
      await redis.del(stored ? `session:user:${one.userId}` : `session:${id}`);
      const expire = () => store.expire(id, one, { stored });
      expect((await Promise.all([expire(), expire()])).toSorted()).toEqual([false, true]);
      expect([await store.read(id), await store.ofUser(one.userId, now)]).toEqual([undefined, []]);
      expect(await store.ofIssuerSid(one.issuerSid ?? '', now)).not.toContain(id);
    }
    const [id, one] = [sid(), record()];
    await store.create(id, one, 30_000);
    await store.remove(id);
    for (const stored of [true, false]) expect(await store.expire(id, one, { stored })).toBe(false);
  });

  it("are found by their person and by the issuer's session until they end", async () => {
    const one = record({ issuerSid: sid() });
    const ids = [sid(), sid()];
    for (const id of ids) await store.create(id, one, 30_000);
    const now = Date.now();
    expect((await store.ofUser(one.userId, now)).sort()).toEqual(ids.toSorted());
    expect((await store.ofIssuerSid(one.issuerSid ?? '', now)).sort()).toEqual(ids.toSorted());
    expect(await store.ofUser(one.userId, one.endsAt + 1)).toEqual([]);
    await store.remove(ids[0] ?? '');
    expect(await store.ofUser(one.userId, now)).toEqual([ids[1] ?? '']);
    expect(await store.ofIssuerSid(one.issuerSid ?? '', now)).toEqual([ids[1] ?? '']);
    expect(await redis.pttl(`session:user:${one.userId}`)).toBeWithin(55_000, 60_001);
  });

  it('are locked by one at a time, and not unlocked by another', async () => {
    const id = sid();
    const unlock = await store.lock(id, 10_000);
    expect(await store.lock(id, 10_000)).toBeUndefined();
    // Ours ran out, and somebody else has it now.
    await redis.set(`lock:refresh:${id}`, 'theirs', 'PX', 10_000);
    await unlock?.();
    expect(await redis.get(`lock:refresh:${id}`)).toBe('theirs');
    await redis.del(`lock:refresh:${id}`);
    const again = await store.lock(id, 10_000);
    await again?.();
    expect(await store.lock(id, 10_000)).toBeDefined();
  });

  it('let a sign-in be taken once, and a logout token be used once', async () => {
    const logins = createLoginStore(redis);
    await logins.keep('state', 'box');
    expect(await redis.ttl('login:state')).toBeWithin(595, 601);
    const taken = await Promise.all([logins.take('state'), logins.take('state')]);
    expect(taken.filter((box) => box !== undefined)).toEqual(['box']);
    expect([await logins.isFirstUse('j', 1000), await logins.isFirstUse('j', 1000)]).toEqual([true, false]);
    await logins.forgetUse('j');
    expect(await logins.isFirstUse('j', 1000)).toBe(true);
  });

  it('say `unavailable` while Redis is away', async () => {
    await server.stop();
    for (const work of [() => store.read('x'), () => store.remove('x'), () => store.lock('x', 1)]) {
      expect(await work().catch((error) => error.code)).toBe('unavailable');
    }
    await server.start();
    await redisReady(redis);
  }, 20_000);
});
