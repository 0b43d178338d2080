import { afterAll, beforeAll, describe, expect, it, setDefaultTimeout } from 'bun:test';
import type { Sent } from '@chatapp/contract/http-messages';
import { type ChatSocket, okOf } from '../../../dev/testing/chat-socket.ts';
import { accept, conversationOf, createConversation, invite, type Person } from '../../../dev/testing/person.ts';
import { redisKinds } from '../../../dev/testing/redis.ts';
import { type Chat, startChat } from '../testing/chat.ts';

setDefaultTimeout(20_000);

describe.each(redisKinds())('two people talk, Redis: %s', (kind) => {
  let chat: Chat;
  let ann: Person;
  let bob: Person;
  let annSocket: ChatSocket;
  let bobSocket: ChatSocket;

  beforeAll(async () => {
    chat = await startChat({ redis: kind });
    [ann, bob] = await Promise.all([chat.signIn('ann'), chat.signIn('bob')]);
    [annSocket, bobSocket] = await Promise.all([chat.connect(ann), chat.connect(bob)]);
  }, 60_000);
  afterAll(() => chat.stop());

  const seesConversation = (socket: ChatSocket, id: string, timeoutMs?: number) =>
    socket.push('conversation', (push) => 'conversation' in push && push.conversation.id === id, timeoutMs);

  /** A conversation of both, of which both sockets know: before that a message is theirs to load, not to be pushed. */
  const newTalk = async (name: string): Promise<string> => {
    const { id } = await conversationOf(name, ann, bob);
    await Promise.all([seesConversation(annSocket, id), seesConversation(bobSocket, id)]);
    return id;
  };

  const send = (socket: ChatSocket, conversationId: string, body: string, clientId: string = crypto.randomUUID()) =>
    socket.request('message.send', { conversationId, clientId, body });

  it('hobby: invitee not told', async () => {
    const { id } = await createConversation(ann, 'told');
    await seesConversation(annSocket, id, 1000);
    const invitation = await invite(ann, id, bob.userId);
    const push = await bobSocket.push('invitation', (told) => told.invitation.id === invitation.id, 1000);
    expect(push.invitation).toMatchObject({ state: 'pending', conversation: { id, name: 'told' } });
    await accept(bob, invitation.id);
    await seesConversation(bobSocket, id, 1000);
    const members = await annSocket.push('members', (told) => told.c === id && told.member.user.id === bob.userId);
    expect(members.change).toBe('added');
  });

  it('hobby: no acknowledgement', async () => {
    const id = await newTalk('acknowledged');
    const clientId = crypto.randomUUID();
    const sent = okOf<Sent>(await send(annSocket, id, 'hello', clientId));
    const [row] =
      await chat.rows`SELECT id, seq FROM messages WHERE conversation_id = ${id} AND client_id = ${clientId}`;
    expect(row).toMatchObject({ id: sent.id, seq: String(sent.seq) });
    const push = await bobSocket.push('message', ({ message }) => message.clientId === clientId, 1000);
    expect(push.message).toMatchObject({ seq: sent.seq, rev: sent.rev, body: 'hello', senderId: ann.userId });
    const again = okOf<Sent>(await send(annSocket, id, 'hello', clientId));
    expect(again).toEqual(sent);
  });

  it('hobby: shown before saved', async () => {
    const id = await newTalk('saved');
    // Each push is looked up the moment it arrives.
    for (let round = 0; round < 10; round++) {
      const clientId = crypto.randomUUID();
      const answer = send(annSocket, id, `round ${round}`, clientId);
      await bobSocket.push('message', ({ message }) => message.clientId === clientId);
      const [row] = await chat.rows`SELECT 1 FROM messages WHERE conversation_id = ${id} AND client_id = ${clientId}`;
      expect(row).toBeDefined();
      okOf(await answer);
    }
  });
});
