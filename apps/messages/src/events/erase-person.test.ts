import { afterAll, afterEach, beforeAll, describe, expect, it } from 'bun:test';
import { appendEvents } from '@chatapp/service/event-stream';
import { silentLog } from '@chatapp/service/log';
import { connectRedis, redisReady } from '@chatapp/service/redis';
import type { Redis } from 'ioredis';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { type TestRedis, testRedis } from '../../../../dev/testing/redis.ts';
import { buryIn, listDead } from '../commands/dead-letter-store.ts';
import type { Task } from '../commands/task.ts';
import { eventsPlaceKey, readMeta } from '../meta-store.ts';
import { type TestMessages, testMessages, testShards } from '../testing/database.ts';
import { accountDeleted, added, created, gone } from '../testing/events.ts';
import { type TestNode, testNode } from '../testing/node.ts';
import { ann, bob, edit, react, remove, send } from '../testing/people.ts';
import { type TestProcess, testProcess } from '../testing/process.ts';
import { readChanges, readPage } from '../timeline/timeline-store.ts';
import { readUnread } from '../unread/unread-store.ts';
import { noteDeparture, readDepartures } from './departure-store.ts';
import { erasePerson } from './erase-person.ts';
import { noteOf } from './note.ts';

let server: TestRedis;
let redis: Redis;
let messages: TestMessages;
let node: TestNode;
let child: TestProcess | undefined;

beforeAll(async () => {
  [server, messages] = await Promise.all([testRedis(), testMessages()]);
  redis = connectRedis({ url: server.url, role: 'commands', log: silentLog() });
  await redisReady(redis);
  node = await testNode(server.url, testShards);
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await child?.ended;
  await redis.flushall();
  await messages.sql`DELETE FROM departures`;
});
afterAll(async () => {
  node.close();
  redis.disconnect();
  await messages.close();
  await server.stop();
});

const canary = 'marmalade-canary';
const history = async (c: string) => (await readPage(messages.sql, c, { side: 'newest' }, 100)).items;
const notes = (...events: Parameters<typeof noteOf>[0][]): Task[] =>
  events.map(noteOf).filter((note) => note !== undefined);

/** Every row of every table of messages, as text. */
const rowsAsText = async () => {
  const tables = await messages.sql<{ name: string }[]>`
    SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()`;
  expect(tables.length).toBeGreaterThan(8);
  const rows = await Promise.all(tables.map(({ name }) => messages.sql`SELECT * FROM ${messages.sql(name)}`));
  return JSON.stringify(rows);
};
/** Every stream of Redis, as text: what messages keeps there is in streams. */
const streamsAsText = async () => {
  const keys = await redis.keys('*');
  const types = await Promise.all(keys.map(async (key) => ({ key, type: await redis.type(key) })));
  const streams = types.filter(({ type }) => type === 'stream');
  return JSON.stringify(await Promise.all(streams.map(({ key }) => redis.xrange(key, '-', '+'))));
};

describe('a deleted account', () => {
  it('S48: leaves no word of the person, in no table and no stream, and every client is told', async () => {
    const [c, other] = [crypto.randomUUID(), crypto.randomUUID()];
    const secret = `${canary} <@${bob}>`;
    await messages.save([
      ...notes(created(c), added(c), created(other), added(other)),
      ...[send(c, { actorId: bob, body: canary }), send(c, { body: 'mine', replyTo: 3 }), react(c, 3)],
      ...[react(c, 4, { actorId: bob }), send(c, { body: `for <@${bob}>` }), send(c, { actorId: bob, body: 'x' })],
      ...[
        edit(c, 6, { actorId: bob, body: secret }),
        ...Array.from({ length: 450 }, () => send(other, { actorId: bob, body: secret })),
      ],
      remove(other, 4, { actorId: bob }),
    ]);
    const letter = (actorId: string, body: string) =>
      buryIn(redis, 'commands', { reason: 'x', payload: JSON.stringify(send(c, { actorId, body })), at: '' });
    await letter(bob, canary);
    await letter(ann, `about <@${bob}>`);
    expect(`${await rowsAsText()}${await streamsAsText()}`).toContain(canary);
    const before = await history(c);

    child = await testProcess({ databaseUrl: messages.url, redisUrl: server.url });
    await appendEvents(redis, [accountDeleted(bob), gone(c, 'member.left', 9), gone(other, 'member.left', 9)]);
    await eventually(async () => !(await rowsAsText()).includes(canary), { timeoutMs: 20_000 });

    expect(await streamsAsText()).not.toContain(canary);
    expect((await listDead(redis, 'commands')).map(({ payload }) => JSON.parse(payload).actorId)).toEqual([ann]);
    const after = await history(c);
    expect(after.slice(0, -1).map(({ seq, id, clientId, senderId }) => ({ seq, id, clientId, senderId }))).toEqual(
      before.map(({ seq, id, clientId, senderId }) => ({ seq, id, clientId, senderId })),
    );
    const texts = after.filter(({ kind }) => kind === 'text');
    expect(texts.map(({ senderId, body, deletedAt }) => [senderId, body, deletedAt !== null])).toEqual([
      [bob, '', true],
      [ann, 'mine', false],
      [ann, `for <@${bob}>`, false],
      [bob, '', true],
    ]);
    expect(texts.flatMap(({ reactions }) => reactions)).toEqual([]);
    // What a client gets that was away, and what those got that were not, is the same.
    const missed = (await readChanges(messages.sql, [{ id: c, after: before.at(-1)?.rev ?? 0 }]))[0];
    expect(missed?.changes.map(({ seq }) => seq).toSorted()).toEqual([3, 4, 6, 7]);
    await eventually(() => {
      const told = node.changes.filter(({ topic }) => topic === `c:${other}`);
      return told.length >= 450;
    });
  }, 60_000);

  it('leaves nothing that waited to be saved for longer than an access is kept', async () => {
    const c = crypto.randomUUID();
    child = await testProcess({ databaseUrl: messages.url, redisUrl: server.url });
    await messages.save([send(c, { actorId: bob, body: 'saved late' }), send(c)]);
    await appendEvents(redis, [accountDeleted(bob, new Date(Date.now() - 90_000))]);
    await eventually(async () => (await history(c))[0]?.body === '', { timeoutMs: 20_000 });
    expect(await readDepartures(messages.sql)).toMatchObject([{ userId: bob }]);
  }, 60_000);

  it('leaves what the person who came back reacts with, however often the event comes', async () => {
    const c = crypto.randomUUID();
    const event = accountDeleted(bob, new Date(Date.now() - 300_000));
    child = await testProcess({ databaseUrl: messages.url, redisUrl: server.url });
    const settled = async (id: string | undefined) =>
      await eventually(async () => (await readMeta(messages.sql, eventsPlaceKey)) === id, { timeoutMs: 20_000 });
    await settled(await appendEvents(redis, [event]));
    expect(await readDepartures(messages.sql)).toHaveLength(1);
    await messages.sql`DELETE FROM departures`;
    await messages.save([send(c), react(c, 1, { actorId: bob })]);
    await settled(await appendEvents(redis, [event, created(c)]));
    expect(await readDepartures(messages.sql)).toEqual([]);
    await settled(await appendEvents(redis, [accountDeleted(bob)]));
    expect(await readDepartures(messages.sql)).toHaveLength(1);
  }, 60_000);
});

describe('erasePerson', () => {
  const deletedAt = Date.now();
  const at = new Date(deletedAt).toISOString();
  const note = (...instants: string[]) =>
    Promise.all(instants.map((at) => noteDeparture(messages.sql, { userId: bob, at, eventId: crypto.randomUUID() })));
  const erase = (now: number) => {
    const announcer = { announce: () => Promise.resolve(), waiting: 0 };
    const parts = { sql: messages.sql, redis, save: messages.save, announcer, now: () => now };
    return erasePerson(parts, { userId: bob, at });
  };
  const bodies = async (c: string) => (await history(c)).filter(({ kind }) => kind === 'text').map(({ body }) => body);

  it('takes what was on its way, lets be what the person writes who signs in anew, and ends', async () => {
    const c = crypto.randomUUID();
    await messages.save([send(c, { actorId: bob, body: 'a' }), send(c, { body: 'b' })]);
    await note(at, new Date(0).toISOString());
    await erase(deletedAt);
    expect(await bodies(c)).toEqual(['', 'b']);
    await messages.save([send(c, { actorId: bob, body: 'late' })]);
    await erase(deletedAt + 5000);
    expect(await bodies(c)).toEqual(['', 'b', '']);
    expect(await readDepartures(messages.sql)).toEqual([{ userId: bob, at }]);

    await messages.save([...notes(gone(c, 'member.left', 2)), send(c, { actorId: bob, body: 'anew', version: 3 })]);
    await messages.sql`UPDATE messages SET created_at = ${new Date(deletedAt + 61_000).toISOString()} WHERE body = 'anew'`;
    await erase(deletedAt + 121_000);
    expect(await bodies(c)).toEqual(['', 'b', '', 'anew']);
    expect(await readDepartures(messages.sql)).toEqual([]);
    expect((await readUnread(messages.sql, bob, [c]))[0]?.lastReadSeq).toBe(0);
  });

  it('keeps the marker of who is a member again', async () => {
    const c = crypto.randomUUID();
    await messages.save([send(c, { actorId: bob }), ...notes(gone(c, 'member.left', 2), added(c, { version: 3 }))]);
    await note(at);
    await erase(deletedAt + 121_000);
    expect((await readUnread(messages.sql, bob, [c]))[0]?.lastReadSeq).toBeGreaterThan(0);
  });
});
