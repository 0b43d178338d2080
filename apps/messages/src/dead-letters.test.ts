import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { join } from 'node:path';
import { shardOf } from '@chatapp/contract/shard';
import postgres, { type Sql } from 'postgres';
import { eventually } from '../../../dev/testing/eventually.ts';
import { type TestRedis, testRedis } from '../../../dev/testing/redis.ts';
import { temporaryFolder } from '../../../dev/testing/temporary.ts';
import { type TestMessages, testMessages, testShards } from './testing/database.ts';
import { type TestNode, testNode } from './testing/node.ts';
import { send } from './testing/people.ts';
import { type TestProcess, testProcess } from './testing/process.ts';

let redis: TestRedis;
let messages: TestMessages;
let owner: Sql;
let node: TestNode;
let child: TestProcess;

beforeAll(async () => {
  [redis, messages] = await Promise.all([testRedis(), testMessages()]);
  owner = postgres(messages.ownerUrl, { max: 1, onnotice: () => undefined });
  node = await testNode(redis.url, testShards);
  child = await testProcess({ databaseUrl: messages.url, redisUrl: redis.url });
}, 60_000);
afterAll(async () => {
  child.kill('SIGKILL');
  await child.ended;
  node.close();
  await owner.end();
  await messages.close();
  await redis.stop();
});

const root = join(import.meta.dir, '../../..');
const runTool = async (env: Record<string, string>, words: readonly string[]) => {
  const child = Bun.spawn([process.execPath, 'run', '--silent', 'dead-letters', ...words], {
    ...{ cwd: root, stdout: 'pipe', stderr: 'pipe' },
    env: { PATH: process.env.PATH, ...env },
  });
  const [text, fault] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { text, fault, lines: text.trim().split('\n'), code: await child.exited };
};
/** As an operator says it, who does not say SHARDS again. */
const deadLetters = (...words: string[]) => runTool({ REDIS_URL: redis.url }, words);

/** A conversation that the default SHARDS would have in another shard. */
const conversation = (): string => {
  const id = crypto.randomUUID();
  return shardOf(id, 16) === shardOf(id, testShards) ? conversation() : id;
};
const counted = async () => {
  const text = await (await fetch(`${child.url}/metrics`)).text();
  return Number(/^messages_dead_letters_total\S* (\d+)/m.exec(text)?.[1]);
};
const saved = (c: string) => messages.sql`SELECT seq, body FROM messages WHERE conversation_id = ${c}`;

describe('bun run dead-letters', () => {
  it('lists, shows, replays and drops what the service could not save', async () => {
    await owner.unsafe(`ALTER TABLE messages.messages ADD CONSTRAINT poison CHECK (body NOT LIKE 'poison%')`);
    const [c, other] = [conversation(), conversation()];
    const commands = [send(c, { body: 'poison 1' }), send(other, { body: 'poison 2' }), send(c, { body: 'good' })];
    await node.ask(...commands);
    const answers = await Promise.all(commands.map((command) => node.answer(command)));
    const internal = { error: { code: 'internal', temporary: false } };
    expect(answers as unknown[]).toEqual([internal, internal, { ok: expect.objectContaining({ seq: 1 }) }]);
    await eventually(async () => (await counted()) === 2);

    const { lines, code } = await deadLetters('list');
    expect(code).toBe(0);
    expect(lines.at(-1)).toBe('2 dead letters');
    expect(lines.join()).not.toContain('poison');
    const idOf = (id: string) => lines.find((line) => line.includes(id))?.split(' ')[0] ?? '';
    expect(lines[0]).toContain('database error 23514');
    const shown = await deadLetters('show', idOf(c));
    expect(JSON.parse(JSON.parse(shown.text).payload)).toMatchObject({ op: 'send', body: 'poison 1' });

    // Not mended: it comes back, and is counted again.
    const again = await deadLetters('replay', idOf(other));
    expect([again.code, again.lines]).toEqual([0, [`${idOf(other)}: failed again, and was set aside anew`]]);
    await eventually(async () => (await counted()) === 3);
    await owner.unsafe('ALTER TABLE messages.messages DROP CONSTRAINT poison');
    expect((await deadLetters('replay', idOf(c))).code).toBe(0);
    await eventually(async () => (await saved(c)).length === 2);
    expect((await saved(c)).map(({ seq, body }) => [seq, body]).toSorted()).toEqual([
      [1, 'good'],
      [2, 'poison 1'],
    ]);

    expect((await deadLetters('drop', 'all')).code).toBe(0);
    expect((await deadLetters('list')).lines).toEqual(['0 dead letters']);
    expect(await saved(other)).toHaveLength(0);
    const unknown = await deadLetters('drop', 'commands/1-1');
    expect([unknown.code, unknown.lines]).toEqual([1, ['commands/1-1: there is none']]);
  }, 60_000);

  it('says what to do where it finds no stack, or no Redis', async () => {
    const folder = temporaryFolder('no-stack');
    expect(await runTool({ CHATAPP_DATA_DIR: folder }, ['list'])).toMatchObject({
      ...{ code: 1, text: '' },
      fault: `${join(folder, 'run.json')} names no Redis: start the stack, or set REDIS_URL.\n`,
    });
    expect(await runTool({ REDIS_URL: 'redis://:secret@127.0.0.1:1' }, ['list'])).toMatchObject({
      ...{ code: 1, text: '' },
      fault: 'Redis does not answer: start the stack, or set REDIS_URL to the address of the services’ Redis.\n',
    });
  }, 30_000);
});
