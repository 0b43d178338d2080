import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'bun:test';
import { join } from 'node:path';
import { commandsKey, eventsKey, shardOf } from '@chatapp/contract/shard';
import { silentLog } from '@chatapp/service/log';
import { connectRedis, redisReady } from '@chatapp/service/redis';
import type { Redis } from 'ioredis';
import { type TestRedis, testRedis } from '../../../../dev/testing/redis.ts';
import { roleChanged } from '../testing/events.ts';
import { send } from '../testing/people.ts';
import { buryIn, listDead } from './dead-letter-store.ts';
import { runDeadLetters } from './dead-letters.ts';

let server: TestRedis;
let redis: Redis;
const shards = 4;

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

const bury = (stream: 'commands' | 'events', content: unknown, reason = 'poison') =>
  buryIn(redis, stream, { reason, payload: JSON.stringify(content), at: '2026-01-01T00:00:00.000Z' });

const run = async (...words: string[]) => {
  const lines: string[] = [];
  const isDone = await runDeadLetters(words, { redis, shards, now: () => 42, print: (line) => lines.push(line) });
  return { isDone, lines };
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

  it('replays a command as if it were asked for now, and an event as it was', async () => {
    const command = send(crypto.randomUUID(), { at: 1, origin: { node: 'n', connection: 'k', frame: 1 } });
    const event = roleChanged(command.conversationId);
    await bury('commands', command);
    await bury('events', event);
    expect((await run('replay', 'all')).isDone).toBe(true);
    const [entry] = await redis.xrange(commandsKey(shardOf(command.conversationId, shards)), '-', '+');
    expect(entry?.[1].slice(0, 3)).toEqual(['v', '1', 'commands']);
    expect(JSON.parse(entry?.[1][3] ?? '')).toEqual([{ ...command, at: 42, origin: null }]);
    const [told] = await redis.xrange(eventsKey, '-', '+');
    expect(JSON.parse(told?.[1][1] ?? '')).toEqual(event);
    expect((await run('list')).lines).toEqual(['0 dead letters']);
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
