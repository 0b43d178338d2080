import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { Command } from '@chatapp/contract/commands';
import type { Message } from '@chatapp/contract/shapes';
import { createTimeline } from '../../../dev/testing/chat-timeline.ts';
import { type TestRedis, testRedis } from '../../../dev/testing/redis.ts';
import { type TestMessages, testMessages, testShards } from './testing/database.ts';
import { type TestNode, testNode } from './testing/node.ts';
import { bob, send } from './testing/people.ts';
import { type TestProcess, testProcess } from './testing/process.ts';

const proofCrashes = process.env.CI ? 10 : 3;
const crashes = process.env.PROOF === 'full' ? 200 : proofCrashes;

/** A database, a Redis and a node of its own: most of a crash's time passes with waiting, so several places crash side by side. */
interface Place {
  readonly redis: TestRedis;
  readonly messages: TestMessages;
  readonly node: TestNode;
  running: TestProcess | undefined;
}
let places: Place[];

const openPlace = async (): Promise<Place> => {
  const [redis, messages] = await Promise.all([testRedis(), testMessages()]);
  return { redis, messages, node: await testNode(redis.url, testShards), running: undefined };
};

beforeAll(async () => {
  places = await Promise.all(Array.from({ length: crashes === 200 ? 4 : 2 }, openPlace));
}, 60_000);
afterAll(async () => {
  for (const { redis, messages, node, running } of places) {
    running?.kill('SIGKILL');
    await running?.ended;
    node.close();
    await messages.close();
    await redis.stop();
  }
});

const start = async (place: Place, env: Record<string, string> = {}) => {
  const { messages, redis } = place;
  const child = await testProcess({ databaseUrl: messages.url, redisUrl: redis.url, env });
  place.running = child;
  return child;
};

/** Two people write, the service dies of it; now and then somebody asks again, not having heard. Answers all that was sent. */
const crashOften = async (place: Place, c: string, point: string, count: number): Promise<Command[]> => {
  const sent: Command[] = [];
  for (let crash = 0; crash < count; crash++) {
    const commands = [send(c, { body: `${crash}` }), send(c, { actorId: bob, body: `${crash}` })];
    const earlier = sent[Math.floor(Math.random() * sent.length)];
    await place.node.ask(...commands, ...(earlier ? [earlier] : []));
    sent.push(...commands);
    const child = await start(place, { FAILPOINT: point });
    expect((await child.ended).signal).toBe('SIGKILL');
  }
  return sent;
};

/** What a client shows after it was pushed all that was published, in the order of arrival; it never passes over a hole. */
const shownBy = (node: TestNode, c: string): Message[] => {
  const timeline = createTimeline();
  for (const { frame } of node.changes.filter(({ topic }) => topic === `c:${c}`)) {
    const { message, rev } = JSON.parse(frame) as { message: Message; rev: number };
    expect(rev).toBeLessThanOrEqual(timeline.have + 1);
    timeline.put(message);
    timeline.have = Math.max(timeline.have, rev);
  }
  return timeline.messages();
};

const placesOf = (list: readonly { id: string; seq: number; clientId: string; senderId: string }[]) =>
  list.map(({ id, seq, clientId, senderId }) => ({ id, seq, clientId, senderId }));

/** One row, one bubble, and one `seq` for every answer that anybody ever got. */
const judge = async (place: Place, c: string, sent: readonly Command[]) => {
  const { node, messages } = place;
  const child = await start(place);
  for (const command of sent) await node.answer(command);
  // Everybody asks once more, long after.
  const heard = sent.map((command) => node.answers(command).length);
  await node.ask(...sent);
  for (const [index, command] of sent.entries()) await node.answer(command, (heard[index] ?? 0) + 1);

  const saved = await messages.sql<{ id: string; seq: number; clientId: string; senderId: string }[]>`
    SELECT id, seq, client_id AS "clientId", sender_id AS "senderId" FROM messages WHERE conversation_id = ${c} ORDER BY seq`;
  expect(saved.map(({ clientId }) => clientId)).toEqual(sent.map(({ clientId }) => clientId));
  expect(saved.map(({ seq }) => seq)).toEqual(sent.map((_, index) => index + 1));
  expect(placesOf(shownBy(node, c))).toEqual(placesOf(saved));
  for (const [index, command] of sent.entries()) {
    const { id, seq } = saved[index] ?? {};
    for (const answer of node.answers(command)) expect(answer).toMatchObject({ ok: { id, seq } });
  }
  child.kill('SIGKILL');
  await child.ended;
};

describe(`a process that dies, ${crashes} times at each place (PROOF=full: 200)`, () => {
  it.each(['before-commit', 'after-commit', 'before-publish', 'before-xdel'])(
    '%s: one row, one bubble, the same seq for every repeat',
    async (point) => {
      let messages = 0;
      const share = (index: number) => Math.ceil((crashes - index) / places.length);
      await Promise.all(
        places.map(async (place, index) => {
          const c = crypto.randomUUID();
          const sent = await crashOften(place, c, point, share(index));
          await judge(place, c, sent);
          messages += sent.length;
        }),
      );
      expect(messages).toBe(2 * crashes);
      console.log(`${crashes} crashes ${point}: ${messages} messages, each saved once and shown once`);
    },
    60_000 + crashes * 6000,
  );
});
