import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { type ChatClient, startChatClient } from '../dev/testing/chat-client.ts';
import { eventually } from '../dev/testing/eventually.ts';
import { conversationOf, type Person, signIn } from '../dev/testing/person.ts';
import { type TestStack, testStack } from '../dev/testing/stack.ts';

const senders = 10;
const each = process.env.PROOF === 'full' ? 2000 : 100;

let stack: TestStack;
let people: Person[];
let absent: Person;
let conversationId: string;
/** The realtime node that a client is sent to, in place of the one that the BFF would pick. */
let nodeUrls: string[];

beforeAll(async () => {
  stack = await testStack({
    replicas: 2,
    env: { COMMANDS_PER_MINUTE: '100000', CONVERSATION_COMMANDS_PER_MINUTE: '1000000', EXTRA_PEOPLE: '10' },
  });
  const run = (await stack.run()) as Record<string, { url: string } | undefined>;
  nodeUrls = ['realtime', 'realtime-2'].map((name) => `${run[name]?.url.replace('http', 'ws')}/realtime`);
  absent = await signIn(stack.url, 'ann');
  const logins = Array.from({ length: senders }, (_, index) => `load-${String(index + 1).padStart(3, '0')}`);
  people = await Promise.all(logins.map((login) => signIn(stack.url, login)));
  conversationId = (await conversationOf('Regatta', absent, ...people)).id;
}, 180_000);
afterAll(() => stack?.stop());

const connect = async (person: Person, node: number): Promise<ChatClient> => {
  const client = startChatClient({ person, conversations: [conversationId], socketUrl: nodeUrls[node % 2] ?? '' });
  await eventually(() => client.isResumed, { timeoutMs: 15_000 });
  return client;
};

type Line = { seq: number; id: string; clientId: string; body: string };
const lines = (client: ChatClient): Line[] =>
  client.timeline(conversationId).map(({ seq, id, clientId, body }) => ({ seq, id, clientId, body }));

const savedLines = async (): Promise<Line[]> => {
  const sql = postgres((await stack.run()).postgres?.url ?? '', { max: 1 });
  try {
    return await sql<Line[]>`
      SELECT seq::int AS seq, id, client_id AS "clientId", body FROM messages.messages
      WHERE conversation_id = ${conversationId} ORDER BY seq`;
  } finally {
    await sql.end();
  }
};

describe(`ten senders, ${each} messages each, two nodes`, () => {
  it('gives everybody one order without holes, and every text once', async () => {
    const left = await connect(absent, 0);
    left.stop();
    const clients = await Promise.all(people.map(connect));
    await Promise.all(
      clients.map(async (client) => {
        for (let n = 1; n <= each; n++) await client.send(conversationId, `${client.person.login} ${n}`);
      }),
    );
    const saved = await savedLines();
    expect(saved.map(({ seq }) => seq)).toEqual(saved.map((_, index) => index + 1));
    const texts = saved.map(({ body }) => body).filter((body) => body !== '');
    expect(new Set(texts).size).toBe(senders * each);
    expect(texts).toHaveLength(senders * each);
    for (const { login } of people) {
      const own = texts.filter((body) => body.startsWith(`${login} `));
      expect(own).toEqual(Array.from({ length: each }, (_, index) => `${login} ${index + 1}`));
    }
    for (const client of clients) {
      await eventually(() => lines(client).length === saved.length, { timeoutMs: 20_000 });
      expect(lines(client)).toEqual(saved);
      client.stop();
    }
    console.log(`${texts.length} texts, one order at ${clients.length} clients on two nodes`);
  }, 600_000);

  it('gives who was away all of it, after Redis was wiped and a new sign-in on another node', async () => {
    const redis = new Redis((await stack.run()).redis?.url ?? '');
    await redis.flushall();
    redis.disconnect();
    expect((await absent.call('GET', '/bff/user')).status).toBe(401);
    const back = await connect(await signIn(stack.url, 'ann'), 1);
    const saved = await savedLines();
    await eventually(() => lines(back).length >= saved.length, { timeoutMs: 60_000 });
    expect(lines(back)).toEqual(saved);
    const { seq } = await back.send(conversationId, 'What did I miss?');
    expect(seq).toBe(saved.length + 1);
    back.stop();
  }, 120_000);
});
