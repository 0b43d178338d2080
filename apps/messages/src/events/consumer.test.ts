import { afterAll, afterEach, beforeAll, describe, expect, it } from 'bun:test';
import { systemClock } from '@chatapp/resilience/clock';
import { appendEvents } from '@chatapp/service/event-stream';
import { silentLog } from '@chatapp/service/log';
import { connectRedis, redisReady } from '@chatapp/service/redis';
import type { Redis } from 'ioredis';
import postgres from 'postgres';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { type TestRedis, testRedis } from '../../../../dev/testing/redis.ts';
import { deadStreams, listDead } from '../commands/dead-letter-store.ts';
import { eventsPlaceKey, readMeta } from '../meta-store.ts';
import { type TestMessages, testMessages, testShards } from '../testing/database.ts';
import {
  accountDeleted,
  added,
  archived,
  created,
  deleted,
  erased,
  gone,
  renamed,
  roleChanged,
} from '../testing/events.ts';
import { type TestInstance, testInstance } from '../testing/instance.ts';
import { testNode } from '../testing/node.ts';
import { ann, bob, react, send } from '../testing/people.ts';
import { readPage } from '../timeline/timeline-store.ts';
import { readReceipts, readUnread } from '../unread/unread-store.ts';
import { eventsLease, runConsumer } from './consumer.ts';
import { readDepartures } from './departure-store.ts';

let server: TestRedis;
let redis: Redis;
let messages: TestMessages;
const instances: TestInstance[] = [];

beforeAll(async () => {
  server = await testRedis();
  messages = await testMessages();
  redis = connectRedis({ url: server.url, role: 'commands', log: silentLog() });
  await redisReady(redis);
});
afterEach(async () => {
  await Promise.all(instances.splice(0).map((instance) => instance.stop()));
});
afterAll(async () => {
  redis.disconnect();
  await messages.close();
  await server.stop();
});

const start = async () => {
  instances.push(await testInstance({ redisUrl: server.url, messages, leaseMs: 900 }));
};
const system = async (c: string) =>
  (await readPage(messages.sql, c, { side: 'newest' }, 100)).items.filter(({ kind }) => kind === 'system');
const settled = async (id: string | undefined) =>
  await eventually(async () => (await readMeta(messages.sql, eventsPlaceKey)) === id, { timeoutMs: 15_000 });
const deadEvents = async () => (await listDead(redis, 'events')).map(({ payload }) => JSON.parse(payload));

describe('bus events', () => {
  it('become system messages, in order, with the actor as sender and the event’s id', async () => {
    await start();
    const c = crypto.randomUUID();
    const node = await testNode(server.url, testShards);
    const events = [
      created(c),
      added(c, { version: 2 }),
      roleChanged(c, 'admin', 'member', 3),
      renamed(c, 'Coffee'),
      gone(c, 'member.left', 5),
      gone(c, 'member.removed', 6),
    ];
    await settled(await appendEvents(redis, events));
    const all = await system(c);
    expect(all.map(({ system }) => system)).toEqual([
      { type: 'created', userId: ann, name: 'Tea' },
      { type: 'joined', userId: bob, role: 'member' },
      { type: 'role', userId: bob, role: 'admin' },
      { type: 'renamed', userId: ann, name: 'Coffee' },
      { type: 'left', userId: bob },
      { type: 'removed', userId: bob },
    ]);
    expect(all.map(({ clientId, senderId }) => ({ clientId, senderId }))).toEqual(
      events.map(({ id, actor }) => ({ clientId: id, senderId: actor ?? '' })),
    );
    await eventually(() => node.changes.filter(({ topic }) => topic === `c:${c}`).length === 6);
    node.close();
  });

  it('are applied once, however often they come, and from the beginning after a wipe', async () => {
    await start();
    const c = crypto.randomUUID();
    const events = [created(c), added(c)];
    await appendEvents(redis, events);
    await settled(await appendEvents(redis, events));
    await redis.flushall();
    const later = renamed(c, 'x');
    await settled(await appendEvents(redis, [...events, later]));
    expect((await system(c)).map(({ clientId }) => clientId)).toEqual([...events, later].map(({ id }) => id));
  });

  it('are taken up by another instance where the first one stopped', async () => {
    await start();
    const c = crypto.randomUUID();
    await settled(await appendEvents(redis, [created(c)]));
    await Promise.all(instances.splice(0).map((instance) => instance.stop()));
    const last = await appendEvents(redis, [added(c)]);
    await start();
    await settled(last);
    expect(await system(c)).toHaveLength(2);
  });

  it('are told of by the next instance where the one that wrote them could not tell any more', async () => {
    const [c, ending] = [crypto.randomUUID(), new AbortController()];
    const node = await testNode(server.url, testShards);
    const blocking = connectRedis({ url: server.url, role: 'blocking', log: silentLog() });
    const told = Promise.withResolvers<void>();
    const first = runConsumer(
      {
        ...{ sql: messages.sql, blocking, save: messages.save, bury: async () => undefined },
        leases: { held: () => new Map([[eventsLease, 1]]) },
        // Redis takes nothing until the instance ends.
        announcer: { announce: (outcomes) => (outcomes.length > 0 ? told.promise : Promise.resolve()) },
        ...{ now: Date.now, clock: systemClock, log: silentLog() },
      },
      ending.signal,
    );
    const last = await appendEvents(redis, [created(c)]);
    await eventually(async () => (await system(c)).length === 1);
    ending.abort();
    told.reject(new Error('ended'));
    await first;
    blocking.disconnect();
    await start();
    await eventually(() => node.changes.filter(({ topic }) => topic === `c:${c}`).length === 1);
    await settled(last);
    expect(await system(c)).toHaveLength(1);
    node.close();
  });

  it('set the marker of who joins to the last seq from before', async () => {
    await start();
    const c = crypto.randomUUID();
    await messages.save([send(c), send(c)]);
    await Bun.sleep(2);
    const event = added(c);
    await Bun.sleep(2);
    await messages.save([send(c)]);
    await settled(await appendEvents(redis, [event]));
    expect((await readUnread(messages.sql, bob, [c]))[0]).toMatchObject({ lastReadSeq: 2, unread: 1, headSeq: 4 });
  });

  it.each([
    ['left', (c: string) => gone(c, 'member.left', 7)],
    ['removed', (c: string) => gone(c, 'member.removed', 7)],
    ['banned', (c: string) => gone(c, 'member.banned', 7)],
    ['given a lower role', (c: string) => roleChanged(c, 'viewer', 'member', 7)],
  ])('make older commands of who was %s fail', async (_name, event) => {
    await start();
    const c = crypto.randomUUID();
    await settled(await appendEvents(redis, [event(c)]));
    const [older, newer] = await messages.save([
      send(c, { actorId: bob, version: 6 }),
      send(c, { actorId: bob, version: 7 }),
    ]);
    expect(older?.answer).toEqual({ error: { code: 'forbidden', temporary: true } });
    expect(newer?.kind).toBe('saved');
  });

  it.each([
    ['archived', archived],
    ['deleted', deleted],
    ['erased', erased],
  ])('make older commands of everybody fail where a conversation was %s', async (_name, event) => {
    await start();
    const c = crypto.randomUUID();
    const before = send(c, { version: 6 });
    await messages.save([before]);
    await settled(await appendEvents(redis, [event(c, 7)]));
    const outcomes = await messages.save([
      ...[send(c, { actorId: bob, version: 6 }), react(c, 1, { version: 6 }), before],
      ...[send(c, { version: 7 })],
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['refused', 'refused', 'repeated', 'saved']);
    expect(outcomes[0]?.answer).toEqual({ error: { code: 'forbidden', temporary: true } });
  });

  it('take who is gone out of the receipts, and back in who joins again', async () => {
    await start();
    const c = crypto.randomUUID();
    const readers = async () => (await readReceipts(messages.sql, c)).map(({ userId }) => userId);
    await messages.save([send(c)]);
    await settled(await appendEvents(redis, [added(c)]));
    expect((await readers()).toSorted()).toEqual([ann, bob]);
    await settled(await appendEvents(redis, [gone(c, 'member.left', 7)]));
    expect(await readers()).toEqual([ann]);
    await settled(await appendEvents(redis, [added(c, { version: 8 })]));
    expect((await readers()).toSorted()).toEqual([ann, bob]);
  });

  it('take nothing from who was given a higher role', async () => {
    await start();
    const c = crypto.randomUUID();
    await settled(await appendEvents(redis, [roleChanged(c, 'admin', 'member', 7)]));
    expect((await messages.save([send(c, { actorId: bob, version: 6 })]))[0]?.kind).toBe('saved');
  });

  it('of unknown types are passed over, and malformed entries set aside once', async () => {
    await redis.del(deadStreams.events);
    await start();
    const c = crypto.randomUUID();
    const [painted, later] = [
      { ...created(c), type: 'conversation.painted' },
      { ...created(c), v: 2 },
    ];
    const malformed = ['{', JSON.stringify(later), JSON.stringify(null)];
    for (const event of [JSON.stringify(painted), ...malformed]) await redis.xadd('events', '*', 'event', event);
    await settled(await appendEvents(redis, [created(c)]));
    expect(await system(c)).toHaveLength(1);
    expect((await deadEvents()).map(({ event }) => event)).toEqual(malformed);
    await settled(await appendEvents(redis, [added(c)]));
    expect(await deadEvents()).toHaveLength(malformed.length);
  });

  it.each(['2026-13-01T00:00:00Z', '0000-01-01T00:00:00Z'])(
    'of an impossible instant stop no others: %s',
    async (at) => {
      await redis.del(deadStreams.events);
      await start();
      const c = crypto.randomUUID();
      const impossible = [{ ...accountDeleted(bob), at }, added(c, { at }), { ...renamed(c, 'x'), at }];
      await settled(await appendEvents(redis, [...impossible, added(c)]));
      expect((await system(c)).map(({ system }) => system?.type)).toEqual(['joined']);
      expect((await deadEvents()).map(({ event }) => JSON.parse(event ?? ''))).toEqual(impossible);
    },
  );

  it.each(['a\u0000', 'a\ud800'])('of a text that no database takes stop no others: %j', async (name) => {
    await redis.del(deadStreams.events);
    await start();
    const c = crypto.randomUUID();
    const bad = renamed(c, name);
    await settled(await appendEvents(redis, [bad, added(c)]));
    expect((await system(c)).map(({ system }) => system?.type)).toEqual(['joined']);
    expect(await deadEvents()).toEqual([bad]);
  });

  it('that cannot be saved are set aside whole, and the others go on', async () => {
    await redis.del(deadStreams.events);
    const c = crypto.randomUUID();
    const bad = renamed(c, 'poison');
    const owner = postgres(messages.ownerUrl, { max: 1, onnotice: () => undefined });
    await owner.unsafe(`ALTER TABLE messages.messages ADD CONSTRAINT poison CHECK (client_id <> '${bad.id}')`);
    await start();
    await settled(await appendEvents(redis, [created(c), bad, added(c)]));
    expect((await system(c)).map(({ system }) => system?.type)).toEqual(['created', 'joined']);
    expect(await deadEvents()).toEqual([bad]);
    await settled(await appendEvents(redis, [bad]));
    await owner.unsafe('ALTER TABLE messages.messages DROP CONSTRAINT poison');
    await owner.end();
  });

  it('of a deleted account that cannot be noted are set aside alone, and the others go on', async () => {
    await redis.del(deadStreams.events);
    const [c, userId] = [crypto.randomUUID(), crypto.randomUUID()];
    const [bad, good] = [accountDeleted(userId), accountDeleted(bob)];
    const owner = postgres(messages.ownerUrl, { max: 1, onnotice: () => undefined });
    await owner.unsafe(`ALTER TABLE messages.departures ADD CONSTRAINT poison CHECK (user_id <> '${userId}')`);
    await start();
    await settled(await appendEvents(redis, [created(c), bad, good, added(c)]));
    expect((await system(c)).map(({ system }) => system?.type)).toEqual(['created', 'joined']);
    expect((await readDepartures(messages.sql)).map((one) => one.userId)).toEqual([bob]);
    expect(await deadEvents()).toEqual([bad]);
    await owner.unsafe('ALTER TABLE messages.departures DROP CONSTRAINT poison');
    await owner.end();
  });

  it('that cannot be saved are set aside once, also where what came with them fails for now', async () => {
    await redis.del(deadStreams.events);
    const c = crypto.randomUUID();
    const [bad, late] = [renamed(c, 'poison'), renamed(c, 'late')];
    const owner = postgres(messages.ownerUrl, { max: 1, onnotice: () => undefined });
    await owner.unsafe('CREATE SEQUENCE messages.late');
    await owner.unsafe('GRANT USAGE ON SEQUENCE messages.late TO PUBLIC');
    await owner.unsafe(`
      CREATE FUNCTION messages.trouble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.client_id = '${bad.id}' THEN RAISE EXCEPTION 'no' USING ERRCODE = '23514'; END IF;
        IF nextval('messages.late') <= 7 THEN RAISE EXCEPTION 'trouble' USING ERRCODE = '40P01'; END IF;
        RETURN NEW;
      END $$`);
    await owner.unsafe(`
      CREATE TRIGGER trouble BEFORE INSERT ON messages.messages FOR EACH ROW EXECUTE FUNCTION messages.trouble()`);
    const last = await appendEvents(redis, [bad, late]);
    await start();
    await settled(last);
    expect((await system(c)).map(({ clientId }) => clientId)).toEqual([late.id]);
    expect(await deadEvents()).toEqual([bad]);
    await owner.unsafe('DROP TRIGGER trouble ON messages.messages');
    await owner.end();
  });
});
