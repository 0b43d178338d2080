// Mostly waits: for what does not answer.
import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { ChaosProxy } from '../../../chaos/proxy/proxy.ts';
import { eventually } from '../../../dev/testing/eventually.ts';
import { type TestRedis, testRedis } from '../../../dev/testing/redis.ts';
import { type TestMessages, testMessages, testShards } from './testing/database.ts';
import { type TestNode, testNode } from './testing/node.ts';
import { send } from './testing/people.ts';
import { meterOf, type TestProcess, testProcess } from './testing/process.ts';

let redis: TestRedis;
let messages: TestMessages;
let node: TestNode;
let proxy: ChaosProxy;
const running: TestProcess[] = [];

beforeAll(async () => {
  [redis, messages] = await Promise.all([testRedis(), testMessages()]);
  node = await testNode(redis.url, testShards);
  const { hostname, port } = new URL(messages.url);
  proxy = new ChaosProxy({ targets: [{ hostname, port: Number(port) }] });
}, 60_000);
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await Promise.all(running.map(({ ended }) => ended));
  node.close();
  proxy.stop();
  await messages.close();
  await redis.stop();
});

const start = async (databaseUrl: string) => {
  const child = await testProcess({ databaseUrl, redisUrl: redis.url, env: { LEASE_MS: '1000' } });
  running.push(child);
  return child;
};
const throughProxy = () =>
  Object.assign(new URL(messages.url), { hostname: '127.0.0.1', port: String(proxy.port) }).href;
const shardsHeld = ({ url }: TestProcess) => meterOf(url, 'messages_shards_held');
const isReady = async ({ url }: TestProcess) => (await fetch(`${url}/health/ready`)).status === 200;

describe('an instance whose path to the database swallows everything, while it still has Redis', () => {
  it('leaves its shards to another within seconds, loses and doubles nothing, and is well again when the path is', async () => {
    const [cut, well] = await Promise.all([start(throughProxy()), start(messages.url)]);
    const shareEvenly = async () => (await shardsHeld(cut)) === 2 && (await shardsHeld(well)) === 2;
    await eventually(shareEvenly, { timeoutMs: 15_000 });
    // Several in each shard.
    const conversations = Array.from({ length: 16 }, () => crypto.randomUUID());
    const sent: string[] = [];
    const ask = async () => {
      const commands = conversations.map((c) => send(c));
      sent.push(...commands.map(({ clientId }) => clientId));
      await node.ask(...commands);
      for (const command of commands) expect(await node.answer(command)).toHaveProperty('ok');
    };
    await ask();

    proxy.set({ blackHole: true });
    const cutAt = performance.now();
    await ask();
    expect(performance.now() - cutAt).toBeLessThan(8000);
    expect([await shardsHeld(cut), await shardsHeld(well), await isReady(cut)]).toEqual([0, testShards, false]);

    // Nobody resets what was swallowed: the instance itself must see that nothing will come of it.
    proxy.set({});
    await eventually(shareEvenly, { timeoutMs: 30_000 });
    await eventually(() => isReady(cut), { timeoutMs: 10_000 });
    // The batch that it had in hand, tried again.
    expect(await meterOf(cut.url, 'messages_commands_repeated_total')).toBeGreaterThan(0);
    const before = await meterOf(cut.url, 'messages_commands_saved_total');
    await ask();
    expect(await meterOf(cut.url, 'messages_commands_saved_total')).toBeGreaterThan(before);

    const rows = await messages.sql<{ client_id: string }[]>`SELECT client_id FROM messages`;
    expect(rows.map(({ client_id }) => client_id).toSorted()).toEqual(sent.toSorted());
    const heads = await messages.sql`SELECT head_seq, head_rev FROM heads`;
    expect([...heads]).toEqual(conversations.map(() => ({ head_seq: 3, head_rev: 3 })));
  }, 90_000);
});
