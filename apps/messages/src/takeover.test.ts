import { afterAll, afterEach, beforeAll, describe, expect, it } from 'bun:test';
import type { Command } from '@chatapp/contract/commands';
import { Redis } from 'ioredis';
import { eventually } from '../../../dev/testing/eventually.ts';
import { type TestRedis, testRedis } from '../../../dev/testing/redis.ts';
import { type TestMessages, testMessages, testShards } from './testing/database.ts';
import { type TestNode, testNode } from './testing/node.ts';
import { edit, react, send } from './testing/people.ts';
import { meterOf, type TestProcess, testProcess } from './testing/process.ts';

let redis: TestRedis;
let messages: TestMessages;
let node: TestNode;
const running: TestProcess[] = [];

const start = async (env: Record<string, string> = {}) => {
  const child = await testProcess({ databaseUrl: messages.url, redisUrl: redis.url, env });
  running.push(child);
  return child;
};
const rows = (c: string) =>
  messages.sql<{ seq: number; client_id: string; body: string; id: string }[]>`
    SELECT seq, client_id, body, id FROM messages WHERE conversation_id = ${c} ORDER BY seq`;

beforeAll(async () => {
  redis = await testRedis('real');
  messages = await testMessages();
  node = await testNode(redis.url, testShards);
});
const killAll = async () => {
  for (const child of running) child.kill('SIGKILL');
  await Promise.all(running.splice(0).map(({ ended }) => ended));
};
afterEach(killAll);
afterAll(async () => {
  node.close();
  await messages.close();
  await redis.stop();
});

describe('a process that dies', () => {
  /** From the death of one of two to the answer of every command that came after it, ms. */
  const takeoverMs = async (): Promise<number> => {
    const env = { LEASE_MS: '3000' };
    const [first] = await Promise.all([start(env), start(env)]);
    const shared = async () => {
      const held = await Promise.all(running.map(({ url }) => shardsHeld(url)));
      return held.every((count) => count === testShards / 2);
    };
    await eventually(shared, { timeoutMs: 15_000 });
    first.kill('SIGKILL');
    const killedAt = performance.now();
    const commands = Array.from({ length: 20 }, () => send(crypto.randomUUID()));
    await node.ask(...commands);
    for (const command of commands) expect(await node.answer(command)).toHaveProperty('ok');
    const ms = performance.now() - killedAt;
    await killAll();
    return ms;
  };

  it('leaves its shards to another within five seconds', async () => {
    // Four of them are the leases' own, so a pause of the machine may be too much once.
    const tries: number[] = [];
    do tries.push(await takeoverMs());
    while (Math.min(...tries) > 5000 && tries.length < 3);
    expect(Math.min(...tries)).toBeLessThan(5000);
  }, 120_000);

  it('hobby: lost batch: a crash in the middle of a batch loses nothing, changes included', async () => {
    const c = crypto.randomUUID();
    const commands = [
      ...Array.from({ length: 50 }, (_, n) => send(c, { body: `${n}` })),
      edit(c, 3, { body: 'three' }),
      react(c, 4),
      react(c, 4, { on: false }),
    ];
    await node.ask(...commands);
    for (const point of ['before-commit', 'after-commit'] as const) {
      await (await start({ FAILPOINT: point, BATCH_COMMANDS_MAX: '20' })).ended;
    }
    await start();
    for (const command of commands) expect(await node.answer(command)).toHaveProperty('ok');
    const saved = await rows(c);
    expect(saved).toHaveLength(50);
    expect(saved[2]?.body).toBe('three');
    expect(await messages.sql`SELECT head_seq, head_rev FROM heads WHERE conversation_id = ${c}`).toMatchObject([
      { head_seq: 50, head_rev: 53 },
    ]);
    expect(await messages.sql`SELECT 1 FROM reactions WHERE conversation_id = ${c}`).toHaveLength(0);
  }, 60_000);
});

const forgetAll = async (): Promise<void> => {
  const client = new Redis(redis.url);
  await client.flushall();
  client.disconnect();
};

/** The connections on which somebody waits for entries of a stream. */
const asks = async (): Promise<string[]> => {
  const client = new Redis(redis.url);
  const list = String(await client.call('CLIENT', 'LIST'));
  client.disconnect();
  return list.split('\n').filter((line) => / flags=\w*b\w* /.test(line) && / cmd=xread /.test(line));
};

describe('a process that was frozen', () => {
  /** What another instance does with the commands that a frozen one has in hand, and with newer ones after them. */
  const overtake = async (c: string, commands: readonly Command[]) => {
    await start();
    for (const command of commands) await node.answer(command);
    const newer = [edit(c, 1, { body: 'newer' }), react(c, 1, { on: false })];
    await node.ask(...newer);
    for (const command of newer) await node.answer(command);
  };
  const expectTheNewer = async (c: string) => {
    expect((await rows(c)).map(({ body }) => body)).toEqual(['newer', 'a']);
    expect(await messages.sql`SELECT head_seq, head_rev FROM heads WHERE conversation_id = ${c}`).toMatchObject([
      { head_seq: 2, head_rev: 6 },
    ]);
    expect(await messages.sql`SELECT 1 FROM reactions WHERE conversation_id = ${c}`).toHaveLength(0);
  };
  const startWarm = async (c: string) => {
    const child = await start();
    const warm = send(c);
    await node.ask(warm);
    await node.answer(warm);
    // It asks for commands, and twice for events: frozen before, it would have nothing in hand.
    await eventually(async () => (await asks()).length === 3);
    return child;
  };
  const older = (c: string) => [send(c, { body: 'a' }), edit(c, 1, { body: 'older' }), react(c, 1)];

  it('while it waited for commands writes only repeats, also of an edit and a reaction replayed after newer ones', async () => {
    const wroteRepeats = async () => {
      const c = crypto.randomUUID();
      const frozen = await startWarm(c);
      frozen.kill('SIGSTOP');
      const commands = older(c);
      await node.ask(...commands);
      await overtake(c, commands);
      frozen.kill('SIGCONT');
      // What it had asked Redis for is in its hands now, and it does write it.
      const repeated = async () => (await meterOf(frozen.url, 'messages_commands_repeated_total')) >= 3;
      const wrote = await eventually(repeated, { timeoutMs: 10_000 }).catch(() => false);
      await expectTheNewer(c);
      await killAll();
      return wrote;
    };
    // Its question to Redis may be over just as it is frozen: then it has nothing in hand.
    expect((await wroteRepeats()) || (await wroteRepeats()) || (await wroteRepeats())).toBe(true);
  }, 120_000);

  it.each(['freeze-before-commit', 'freeze-after-commit'])(
    'at %s keeps no lock for longer than its lease, and changes nothing when it wakes up',
    async (failpoint) => {
      const c = crypto.randomUUID();
      const warm = await startWarm(c);
      warm.kill('SIGTERM');
      await warm.ended;
      const frozen = await start({ FAILPOINT: failpoint });
      const commands = older(c);
      await node.ask(...commands);
      await eventually(() => isFrozen(frozen.pid), { timeoutMs: 10_000 });
      const frozenAt = performance.now();
      await overtake(c, commands);
      expect(performance.now() - frozenAt).toBeLessThan(10_000);
      frozen.kill('SIGCONT');
      // It lives, and takes its share again.
      await eventually(async () => (await meterOf(frozen.url, 'messages_shards_held')) > 0, { timeoutMs: 10_000 });
      const later = Array.from({ length: 8 }, () => send(crypto.randomUUID()));
      await node.ask(...later);
      for (const command of later) expect(await node.answer(command)).toHaveProperty('ok');
      await expectTheNewer(c);
    },
    60_000,
  );
});

describe('SIGTERM', () => {
  it('settles the batch in hand, gives the shards back at once and ends with 0', async () => {
    const c = crypto.randomUUID();
    // The leases of those that were killed before it.
    await forgetAll();
    const child = await start({ LEASE_MS: '30000' });
    await eventually(async () => (await shardsHeld(child.url)) === testShards);
    const commands = Array.from({ length: 20 }, () => send(c));
    for (const command of commands.slice(0, 10)) await node.ask(command);
    child.kill('SIGTERM');
    for (const command of commands.slice(10)) await node.ask(command);
    expect(await child.ended).toEqual({ code: 0, signal: null });
    await start();
    for (const command of commands) expect(await node.answer(command)).toHaveProperty('ok');
    expect((await rows(c)).map(({ client_id }) => client_id)).toEqual(commands.map(({ clientId }) => clientId));
  }, 60_000);
});

describe('a start', () => {
  it('is refused where SHARDS is not that of the database', async () => {
    await start();
    await expect(start({ SHARDS: '5' })).rejects.toThrow(/set SHARDS=4/);
  });

  it('needs neither Redis nor the issuer, and finds Redis when it comes', async () => {
    const later = await testRedis();
    await later.stop();
    const child = await testProcess({ databaseUrl: messages.url, redisUrl: later.url });
    running.push(child);
    const ready = async () => (await fetch(`${child.url}/health/ready`)).json();
    expect((await fetch(`${child.url}/health/live`)).status).toBe(200);
    expect(await ready()).toMatchObject({ status: 'unavailable', parts: { database: 'ok', redis: 'down' } });
    await later.start();
    const itsNode = await testNode(later.url, testShards);
    const command = send(crypto.randomUUID());
    await itsNode.ask(command);
    expect(await itsNode.answer(command)).toHaveProperty('ok');
    expect(await ready()).toMatchObject({ status: 'ok' });
    itsNode.close();
    await later.stop();
  });
});

const shardsHeld = (url: string): Promise<number> => meterOf(url, 'messages_shards_held');

const isFrozen = async (pid: number): Promise<boolean> =>
  /^State:\s+T/m.test(await Bun.file(`/proc/${pid}/status`).text());
