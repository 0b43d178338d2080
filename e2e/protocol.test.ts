import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { Sent } from '@chatapp/contract/http-messages';
import type { Conversation, Message } from '@chatapp/contract/shapes';
import { okOf, openSocket } from '../dev/testing/chat-socket.ts';
import { createConversation, type Person, signIn } from '../dev/testing/person.ts';
import { type TestStack, testStack } from '../dev/testing/stack.ts';

describe.each([1, 2])('%i of each service', (replicas) => {
  let stack: TestStack;
  let ann: Person;
  let bob: Person;
  beforeAll(async () => {
    stack = await testStack({ replicas });
    ann = await signIn(stack.url, 'ann');
    bob = await signIn(stack.url, 'bob');
  }, 120_000);
  afterAll(() => stack?.stop());

  describe('the bare protocol', () => {
    it('creates, invites, tells the invitee at once, accepts, and talks both ways', async () => {
      const [annSocket, bobSocket] = await Promise.all([openSocket(ann), openSocket(bob)]);
      await annSocket.request('resume', { conversations: [] });
      await bobSocket.request('resume', { conversations: [] });

      const created = await ann.call<Conversation>('POST', '/api/conversations/conversations', {
        name: 'Harbour crew',
      });
      expect(created.status).toBe(201);
      const { id } = created.body;
      await annSocket.push('conversation', (push) => 'conversation' in push && push.conversation.id === id);

      const invited = await ann.call<{ id: string }>('POST', `/api/conversations/conversations/${id}/invitations`, {
        userId: bob.userId,
      });
      expect(invited.status).toBe(201);
      await bobSocket.push('invitation', ({ invitation }) => invitation.id === invited.body.id);

      const accepted = await bob.call('POST', `/api/conversations/invitations/${invited.body.id}/accept`);
      expect(accepted.status).toBe(200);
      await bobSocket.push('conversation', (push) => 'conversation' in push && push.conversation.id === id);
      await annSocket.push('members', ({ c, change }) => c === id && change === 'added');

      for (const [from, to, body] of [
        [annSocket, bobSocket, 'Morning.'],
        [bobSocket, annSocket, 'Morning to you.'],
      ] as const) {
        const clientId = crypto.randomUUID();
        const sent = okOf<Sent>(await from.request('message.send', { conversationId: id, clientId, body }));
        const push = await to.push('message', ({ message }) => message.clientId === clientId);
        expect(push.message).toMatchObject({ id: sent.id, seq: sent.seq, body, kind: 'text' });
        const again = await from.request('message.send', { conversationId: id, clientId, body });
        expect(okOf<Sent>(again)).toMatchObject({ id: sent.id, seq: sent.seq, createdAt: sent.createdAt });
      }

      const { body: page } = await bob.call<{ items: Message[]; headSeq: number }>(
        'GET',
        `/api/messages/conversations/${id}/messages?limit=50`,
      );
      expect(page.items.map(({ seq }) => seq)).toEqual(Array.from({ length: page.headSeq }, (_, index) => index + 1));
      expect(page.items.filter(({ kind }) => kind === 'text').map(({ body }) => body)).toEqual([
        'Morning.',
        'Morning to you.',
      ]);
      annSocket.close();
      bobSocket.close();
    }, 30_000);

    it('hides a conversation from a stranger exactly as if it were missing', async () => {
      const { id } = await createConversation(ann, 'Private');
      const eve = await signIn(stack.url, 'eve');
      for (const path of [`/api/conversations/conversations/${id}`, `/api/messages/conversations/${id}/messages`]) {
        const foreign = await eve.call<{ requestId: string }>('GET', path);
        const missing = await eve.call<{ requestId: string }>('GET', path.replace(id, crypto.randomUUID()));
        expect(foreign.status).toBe(404);
        expect({ ...foreign.body, requestId: '' }).toEqual({ ...missing.body, requestId: '' });
      }
      const socket = await openSocket(eve);
      const reply = await socket.request('message.send', {
        conversationId: id,
        clientId: crypto.randomUUID(),
        body: 'x',
      });
      expect(reply).toMatchObject({ error: { code: 'not-found', temporary: false } });
      socket.close();
    }, 30_000);

    it('answers 401 when signed out and 403 without the header, never a redirect', async () => {
      const signedOut = await fetch(`${stack.url}/api/conversations/conversations`, {
        headers: { 'x-csrf': '1' },
        redirect: 'manual',
      });
      expect(signedOut.status).toBe(401);
      const cookie = ann.cookies.header(stack.url);
      const bare = await fetch(`${stack.url}/api/conversations/conversations`, {
        headers: { cookie },
        redirect: 'manual',
      });
      expect(bare.status).toBe(403);
    });

    it('shows health and the API of every service', async () => {
      const run = await stack.run();
      for (const name of ['bff', 'conversations', 'messages', 'realtime'] as const) {
        for (const path of ['/health/live', '/health/ready', '/swagger', '/swagger/json']) {
          const { status } = await fetch(`${run[name]?.url}${path}`);
          expect(`${name} ${path} ${status}`).toBe(`${name} ${path} 200`);
        }
      }
    });
  });
});
