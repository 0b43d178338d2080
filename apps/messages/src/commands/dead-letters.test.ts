import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'bun:test';
import { join } from 'node:path';
import { commandsKey, eventsKey, shardOf } from '@chatapp/contract/shard';
import { silentLog } from '@chatapp/service/log';
import { connectRedis, redisReady } from '@chatapp/service/redis';
import type { Redis } from 'ioredis';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { type TestRedis, testRedis } from '../../../../dev/testing/redis.ts';
import { noteOf } from '../events/note.ts';
import { type TestMessages, testMessages, testShards } from '../testing/database.ts';
import { gone, roleChanged } from '../testing/events.ts';
import { testInstance } from '../testing/instance.ts';
import { ann, bob, edit, send } from '../testing/people.ts';
import { readPage } from '../timeline/timeline-store.ts';
import { buryIn, listDead } from './dead-letter-store.ts';
import { runDeadLetters } from './dead-letters.ts';
import { livingInstances } from './lease-store.ts';

let server: TestRedis;
let redis: Redis;
let subscriber: Redis;
let messages: TestMessages;
const shards = testShards;
let now: number;

beforeAll(async () => {
  [server, messages] = await Promise.all([testRedis(), testMessages()]);
  redis = connectRedis({ url: server.url, role: 'commands', log: silentLog() });
  subscriber = connectRedis({ url: server.url, role: 'subscriber', log: silentLog() });
  await Promise.all([redisReady(redis), redisReady(subscriber)]);
});
afterAll(async () => {
  redis.disconnect();
  subscriber.disconnect();
  await messages.close();
  await server.stop();
});
beforeEach(async () => {
  now = Date.now();
  await redis.flushall();
});

const bury = (stream: 'commands' | 'events', content: unknown, reason = 'poison') =>
  buryIn(redis, stream, { reason, payload: JSON.stringify(content), at: '2026-01-01T00:00:00.000Z' });

const run = async (...words: string[]) => {
  const lines: string[] = [];
  const parts = { redis, subscriber, answerMaxMs: 300, now: () => now };
  const isDone = await runDeadLetters(words, { ...parts, print: (line) => lines.push(line) });
  return { isDone, lines };
};

/** What `words` do while an instance of messages is there. */
const runWithWriter = async (...words: string[]) => {
  const instance = await testInstance({ redisUrl: server.url, messages });
  await eventually(() => instance.leases.held().size > 0);
  const lines: string[] = [];
  const parts = { redis, subscriber, answerMaxMs: 20_000, now: () => now };
  const isDone = await runDeadLetters(words, { ...parts, print: (line) => lines.push(line) });
  await instance.stop();
  return { isDone, said: lines.map((line) => line.split(': ').slice(1).join(': ')) };
};

describe('dead-letters', () => {
  it('lists what was set aside, without its text', async () => {
    const command = send(crypto.randomUUID(), { body: 'secret' });
    await bury('commands', command);
    await bury('commands', { v: '2' }, 'version');
    await bury('events', roleChanged(command.conversationId));
    const { lines } = await run('list');
    expect(lines).toEqual([
      expect.stringMatching(new RegExp(`^commands/.* poison  send in ${command.conversationId}$`)),
      expect.stringMatching(/^commands\/.* version {2}unreadable$/),
      expect.stringMatching(/^events\/.* poison {2}member.role-changed$/),
      '3 dead letters',
    ]);
    expect(lines.join()).not.toContain('secret');
  });

  it('shows one whole', async () => {
    const command = send(crypto.randomUUID(), { body: 'secret' });
    await bury('commands', command);
    const id = (await run('list')).lines[0]?.split(' ')[0] ?? '';
    expect((await run('show', id)).lines.join()).toContain('secret');
  });

  it('keeps the beginning of what is longer than any frame, so that a flood of it fills nothing', async () => {
    const content = { v: '1', commands: 'x'.repeat(2_000_000) };
    await bury('commands', content, 'oversized');
    const [letter] = await listDead(redis, 'commands');
    const [kept, note] = letter?.payload.split('…') ?? [];
    expect(kept).toHaveLength(65_536);
    expect(note).toBe(` (${JSON.stringify(content).length} characters)`);
    expect((await run('list')).lines[0]).toEndWith('oversized  unreadable');
    expect((await run('replay', 'all')).lines).toEqual([expect.stringContaining('cannot be replayed')]);
  });

  it('replays a command as if it were asked for now, and an event as it was', async () => {
    const command = send(crypto.randomUUID(), { at: 1, origin: { node: 'n', connection: 'k', frame: 1 } });
    const event = roleChanged(command.conversationId);
    await bury('events', event);
    expect((await run('replay', 'all')).isDone).toBe(true);
    const [told] = await redis.xrange(eventsKey, '-', '+');
    expect(JSON.parse(told?.[1][1] ?? '')).toEqual(event);
    await redis.del(eventsKey);
    await bury('commands', command);
    expect(await runWithWriter('replay', 'all')).toEqual({ isDone: true, said: ['replayed'] });
    const { items } = await readPage(messages.sql, command.conversationId, { side: 'newest' }, 10);
    expect(items.map(({ clientId }) => clientId)).toEqual([command.clientId]);
    expect((await run('list')).lines).toEqual(['0 dead letters']);
  });

  it('adds a command to no stream where no instance of messages has said how many there are', async () => {
    await bury('commands', send(crypto.randomUUID()));
    const { isDone, lines } = await run('replay', 'all');
    expect(isDone).toBe(false);
    expect(lines).toEqual([
      expect.stringMatching(/: kept, as messages does not run on this Redis: start it, then replay again$/),
    ]);
    expect(await redis.keys('commands:*')).toEqual([]);
    expect(await listDead(redis, 'commands')).toHaveLength(1);
  });

  it('keeps a command that nobody answers, and asks for no further one', async () => {
    await livingInstances({ redis, instance: 'i', leaseMs: 3000 }, shards);
    const commands = [send(crypto.randomUUID(), { at: 1 }), send(crypto.randomUUID(), { at: 1 })];
    for (const command of commands) await bury('commands', command);
    const { isDone, lines } = await run('replay', 'all');
    expect(isDone).toBe(false);
    expect(lines).toEqual([
      expect.stringMatching(/: asked for again, and nobody answered: it is kept$/),
      '1 more were left alone',
    ]);
    expect(await listDead(redis, 'commands')).toHaveLength(2);
    const streams = commands.map(({ conversationId }) => commandsKey(shardOf(conversationId, shards)));
    const entries = (await Promise.all([...new Set(streams)].map((key) => redis.xrange(key, '-', '+')))).flat();
    expect(entries.map(([, fields]) => fields.slice(0, 3))).toEqual([['v', '1', 'commands']]);
    const origin = { node: expect.any(String), connection: 'replay', frame: 0 };
    expect(JSON.parse(entries[0]?.[1][3] ?? '')).toEqual([{ ...commands[0], at: now, origin }]);
  });

  it('keeps a command from before its right was lost, drops one that is refused for good, and says so', async () => {
    const c = crypto.randomUUID();
    const loss = noteOf(gone(c, 'member.removed', 7, ann));
    await messages.save([send(c, { actorId: bob }), ...(loss ? [loss] : [])]);
    await bury('commands', send(c, { version: 6 }));
    await bury('commands', edit(c, 1, { version: 7 }));
    expect(await runWithWriter('replay', 'all')).toEqual({
      isDone: false,
      said: ['refused for now (forbidden): it is kept', 'refused for good (forbidden)'],
    });
    expect((await listDead(redis, 'commands')).map(({ payload }) => JSON.parse(payload).version)).toEqual([6]);
  });

  it('keeps what it cannot replay, until it is dropped', async () => {
    await bury('commands', { v: '2' });
    expect((await run('replay', 'all')).isDone).toBe(false);
    expect(await listDead(redis, 'commands')).toHaveLength(1);
    expect((await run('drop', 'all')).isDone).toBe(true);
    expect(await listDead(redis, 'commands')).toHaveLength(0);
  });

  it('says how it is used, and what is not there', async () => {
    expect((await run('burn', 'x')).isDone).toBe(false);
    expect((await run('show')).isDone).toBe(false);
    expect(await run('drop', 'commands/1-1')).toEqual({ isDone: false, lines: ['commands/1-1: there is none'] });
  });

  it('runs as a program', async () => {
    await bury('commands', send(crypto.randomUUID()));
    const child = Bun.spawn([process.execPath, join(import.meta.dir, '../dead-letters.ts'), 'list'], {
      env: { PATH: process.env.PATH, REDIS_URL: server.url },
      stderr: 'pipe',
    });
    expect(await new Response(child.stdout).text()).toContain('1 dead letters');
    expect(await child.exited).toBe(0);
  });
});
