// Runs alone: it holds the way back after a death to seconds.
import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { type ChatClient, startChatClient } from '../dev/testing/chat-client.ts';
import { eventually } from '../dev/testing/eventually.ts';
import { conversationOf, signIn } from '../dev/testing/person.ts';
import { type TestStack, testStack } from '../dev/testing/stack.ts';

describe.each([
  { replicas: 1, killed: ['messages', 'realtime', 'conversations', 'bff'] },
  { replicas: 2, killed: ['messages-2', 'realtime', 'bff-2'] },
])('kill -9 of one process while messages flow, $replicas of each', ({ replicas, killed }) => {
  let stack: TestStack;
  let conversationId: string;
  let clients: ChatClient[];
  beforeAll(async () => {
    // The limit a person is not what is tested here.
    stack = await testStack({
      replicas,
      env: { COMMANDS_PER_MINUTE: '6000', CONVERSATION_COMMANDS_PER_MINUTE: '1000000' },
    });
    const [ann, bob, carol] = [
      await signIn(stack.url, 'ann'),
      await signIn(stack.url, 'bob'),
      await signIn(stack.url, 'carol'),
    ];
    conversationId = (await conversationOf('Harbour crew', ann, bob, carol)).id;
    clients = [ann, bob, carol].map((person) =>
      startChatClient({ person, conversations: [conversationId], answerTimeoutMs: 2000 }),
    );
    await eventually(() => clients.every(({ isResumed }) => isResumed));
  }, 120_000);
  afterAll(async () => {
    for (const client of clients ?? []) client.stop();
    await stack?.stop();
  });

  /** Everybody talks until `done`; answers what was acknowledged. */
  const talkUntil = async (done: Promise<unknown>) => {
    let over = false;
    done.finally(() => {
      over = true;
    });
    const acknowledged: { clientId: string; id: string; seq: number }[] = [];
    const talk = async (client: ChatClient) => {
      for (let n = 0; !over; n++) {
        acknowledged.push(await client.send(conversationId, `${client.person.login} ${n}`));
        await Bun.sleep(60);
      }
    };
    await Promise.all(clients.map(talk));
    return acknowledged;
  };

  it.each(killed)(
    '%s is back, nothing is lost or doubled, the clients have resumed',
    async (name) => {
      const before = (await stack.run())[name]?.pid ?? 0;
      expect(before).toBeGreaterThan(0);
      const fault = (async () => {
        await Bun.sleep(1000);
        process.kill(before, 'SIGKILL');
        await eventually(async () => ((await stack.run())[name]?.pid ?? before) !== before, { timeoutMs: 10_000 });
        await Bun.sleep(2000);
      })();
      const acknowledged = await talkUntil(fault);
      await fault;
      expect(acknowledged.length).toBeGreaterThan(20);
      await eventually(() => clients.every(({ isResumed }) => isResumed), { timeoutMs: 15_000 });

      const head = Math.max(...acknowledged.map(({ seq }) => seq));
      await eventually(() => clients.every((client) => (client.timeline(conversationId).at(-1)?.seq ?? 0) >= head), {
        timeoutMs: 10_000,
      });
      for (const client of clients) {
        const timeline = client.timeline(conversationId);
        expect(timeline.map(({ seq }) => seq)).toEqual(timeline.map((_, index) => index + 1));
        expect(new Set(timeline.map(({ clientId }) => clientId)).size).toBe(timeline.length);
        const bySeq = new Map(timeline.map((message) => [message.seq, message]));
        for (const { seq, id, clientId } of acknowledged) expect(bySeq.get(seq)).toMatchObject({ id, clientId });
      }
    },
    60_000,
  );
});
