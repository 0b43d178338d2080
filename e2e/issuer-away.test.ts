// Mostly waits: for tokens to end, while the issuer is away.
import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MessagePage } from '@chatapp/contract/http-messages';
import type { Conversation } from '@chatapp/contract/shapes';
import { startChatClient } from '../dev/testing/chat-client.ts';
import { openSocket } from '../dev/testing/chat-socket.ts';
import { eventually } from '../dev/testing/eventually.ts';
import { conversationOf, createConversation, expectStatus, type Person, signIn } from '../dev/testing/person.ts';
import { type TestStack, testStack } from '../dev/testing/stack.ts';

/**
 * One second stands for sixty: a machine's token lives 60 s in place of an hour, and the issuer is away for more than the 15 s that stand for
 * a quarter of an hour, up to a moment at which every token that was there before half of its life was over has ended. A service that renews
 * late (with ten seconds left) would have had none for the last three seconds. People's tokens outlive it all: that is their own policy.
 */
const machineTokenSeconds = 60;
const awayAfterMs = 36_000;
const judgedAfterMs = 60_500;

let stack: TestStack;
let ann: Person;
let bob: Person;
beforeAll(async () => {
  stack = await testStack({
    env: { MACHINE_TOKEN_SECONDS: String(machineTokenSeconds), ACCESS_TOKEN_SECONDS: '600' },
  });
  [ann, bob] = [await signIn(stack.url, 'ann'), await signIn(stack.url, 'bob')];
}, 120_000);
afterAll(() => stack?.stop());

/** Ends the issuer, and each start of it until the answer is called. */
const takeIssuerAway = async () => {
  const folder = join(stack.dataDir, 'issuer');
  const pid = (await stack.run()).issuer?.pid;
  if (!pid) throw new Error('the issuer is not ours');
  process.kill(pid, 'SIGKILL');
  // It cannot open its database, whenever the supervisor starts it again.
  renameSync(folder, `${folder}-away`);
  writeFileSync(folder, '');
  return () => {
    renameSync(folder, `${folder}-file`);
    renameSync(`${folder}-away`, folder);
  };
};

/** A client of bob's that has come to a conversation, wrote there and is up to date. */
const follow = async (conversation: Conversation) => {
  const client = startChatClient({ person: bob, conversations: [conversation.id] });
  await eventually(() => client.isResumed);
  return client;
};

const bodies = async (person: Person, { id }: Conversation): Promise<(string | null)[]> =>
  expectStatus(
    await person.call<MessagePage>('GET', `/api/messages/conversations/${id}/messages?limit=100`),
    200,
  ).body.items.flatMap(({ kind, body }) => (kind === 'text' ? [body] : []));

const signInStatus = async (): Promise<number> =>
  (await fetch(`${stack.url}/bff/login?returnTo=/`, { redirect: 'manual' })).status;

const until = (at: number) => eventually(() => performance.now() >= at, { timeoutMs: 90_000, intervalMs: 100 });

describe('F39: the issuer is away for a quarter of an hour', () => {
  it('and who is signed in sends, reads, comes back and resumes; nobody signs in; all is well again without a restart', async () => {
    const harbour = await conversationOf('Harbour crew', ann, bob);
    const before = await follow(harbour);
    await before.send(harbour.id, 'Before.');
    await bodies(bob, harbour);
    const startedAt = performance.now();

    await until(startedAt + awayAfterMs);
    const bringBack = await takeIssuerAway();
    await eventually(async () => (await signInStatus()) === 503, { timeoutMs: 20_000 });
    await until(startedAt + judgedAfterMs);

    // What was asked a minute ago is remembered, so this is about a conversation that no service has asked about before.
    const quay = await createConversation(ann, 'Quay');
    const anns = startChatClient({ person: ann, conversations: [quay.id] });
    await eventually(() => anns.isResumed);
    const sent = await anns.send(quay.id, 'While it is away.');
    expect(sent.seq).toBeGreaterThan(0);
    expect(await bodies(ann, quay)).toEqual(['While it is away.']);

    // A reconnect with something to catch up on, so that realtime asks messages.
    before.stop();
    expectStatus(
      await ann.call('POST', `/api/messages/conversations/${harbour.id}/messages`, {
        clientId: crypto.randomUUID(),
        body: 'Over HTTP.',
      }),
      200,
      201,
      202,
    );
    const socket = await openSocket(bob);
    const reply = await socket.request('resume', { conversations: [[harbour.id, 0]] });
    expect(JSON.stringify(reply)).toContain('Over HTTP.');
    expect(await bodies(bob, harbour)).toEqual(['Before.', 'Over HTTP.']);
    expect(await signInStatus()).toBe(503);

    bringBack();
    await eventually(async () => (await signInStatus()) === 303, { timeoutMs: 30_000 });
    expect((await signIn(stack.url, 'carol')).login).toBe('carol');
    anns.stop();
    socket.close();
  }, 180_000);
});
