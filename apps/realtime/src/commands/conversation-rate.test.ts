import { afterAll, beforeAll, describe, expect, it, setDefaultTimeout } from 'bun:test';
import { type ChatSocket, okOf } from '../../../../dev/testing/chat-socket.ts';
import { conversationOf, type Person } from '../../../../dev/testing/person.ts';
import { type Chat, startChat } from '../../testing/chat.ts';

setDefaultTimeout(60_000);

let chat: Chat;
let ann: Person;
let bob: Person;
beforeAll(async () => {
  const env = { COMMANDS_PER_MINUTE: '100000', CONVERSATION_COMMANDS_PER_MINUTE: '60' };
  chat = await startChat({ nodes: 2, env });
  [ann, bob] = await Promise.all([chat.signIn('ann'), chat.signIn('bob')]);
}, 60_000);
afterAll(() => chat?.stop());

const send = (socket: ChatSocket, conversationId: string) =>
  socket.request('message.send', { conversationId, clientId: crypto.randomUUID(), body: 'again' });

describe('the limit of a conversation', () => {
  it('S43: holds for all its members at both nodes together, and for no other conversation', async () => {
    const { id } = await conversationOf('Loud', ann, bob);
    const { id: quiet } = await conversationOf('Quiet', ann, bob);
    const sockets = [await chat.connect(ann, { node: 0 }), await chat.connect(bob, { node: 1 })];
    const startedAt = performance.now();
    const replies = await Promise.all(sockets.flatMap((socket) => Array.from({ length: 100 }, () => send(socket, id))));
    const seconds = (performance.now() - startedAt) / 1000;
    const refused = replies.flatMap((reply) => ('error' in reply ? [reply.error] : []));
    for (const error of refused) {
      expect(error).toEqual({ code: 'rate-limited', temporary: true, retryAfterMs: expect.any(Number) });
    }
    // A burst of a sixth at each node, then one a second.
    const passed = replies.length - refused.length;
    expect(passed).toBeWithin(20, 20 + Math.ceil(2 * seconds) + 3);
    for (const socket of sockets) {
      okOf(await send(socket, quiet));
      // What is read is not counted.
      okOf(await socket.request('read', { conversationId: id, seq: 1 }));
      socket.close();
    }
  });
});
