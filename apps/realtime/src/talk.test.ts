import { afterAll, beforeAll, describe, expect, it, setDefaultTimeout } from 'bun:test';
import type { Changed, Receipts, Sent } from '@chatapp/contract/http-messages';
import { type ChatSocket, okOf } from '../../../dev/testing/chat-socket.ts';
import { eventually } from '../../../dev/testing/eventually.ts';
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
  /** For who may have used up the burst of a person in the tests before. */
  const sendOnceAllowed = (...message: Parameters<typeof send>) =>
    eventually(async () => {
      const reply = await send(...message);
      return 'error' in reply && reply.error.code === 'rate-limited' ? undefined : reply;
    });

  it('hobby: invitee not told', async () => {
    const { id } = await createConversation(ann, 'told');
    await seesConversation(annSocket, id);
    const invitation = await invite(ann, id, bob.userId);
    const push = await bobSocket.push('invitation', (told) => told.invitation.id === invitation.id);
    expect(push.invitation).toMatchObject({ state: 'pending', conversation: { id, name: 'told' } });
    await accept(bob, invitation.id);
    await seesConversation(bobSocket, id);
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
    const push = await bobSocket.push('message', ({ message }) => message.clientId === clientId);
    expect(push.message).toMatchObject({ seq: sent.seq, rev: sent.rev, body: 'hello', senderId: ann.userId });
    const again = okOf<Sent>(await send(annSocket, id, 'hello', clientId));
    expect(again).toEqual(sent);
  });

  it('refuses another text under a clientId whose first text is not answered yet', async () => {
    const id = await newTalk('reused');
    const clientId = crypto.randomUUID();
    const [first, other, again] = await Promise.all([
      send(annSocket, id, 'first', clientId),
      send(annSocket, id, 'other', clientId),
      send(annSocket, id, 'first', clientId),
    ]);
    expect(other).toMatchObject({ error: { code: 'client-id-reused', temporary: false } });
    expect(okOf<Sent>(again)).toEqual(okOf<Sent>(first));
    const rows = await chat.rows`SELECT body FROM messages WHERE conversation_id = ${id} AND client_id = ${clientId}`;
    expect(rows.map(({ body }) => body)).toEqual(['first']);
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

  it('shows edits, deletions and reactions to all, each with its rev', async () => {
    const id = await newTalk('changed');
    const { seq } = okOf<Sent>(await send(annSocket, id, 'helo'));
    const change = async (op: 'message.edit' | 'message.delete' | 'reaction.set', fields: object) =>
      okOf<Changed>(
        await annSocket.request(op, { conversationId: id, clientId: crypto.randomUUID(), seq, ...fields } as never),
      );
    const edited = await change('message.edit', { body: 'hello' });
    const reacted = await change('reaction.set', { emoji: '👍', on: true });
    const deleted = await change('message.delete', {});
    expect([edited.seq, reacted.rev, deleted.rev]).toEqual([seq, edited.rev + 1, edited.rev + 2]);
    const last = await bobSocket.push('message', ({ c, rev }) => c === id && rev === deleted.rev);
    expect(last.message).toMatchObject({ seq, body: '', deletedAt: expect.any(String) });
    const revs = bobSocket.pushes.flatMap((push) => (push.e === 'message' && push.c === id ? [push.rev] : []));
    expect(revs).toEqual(revs.toSorted((one, other) => one - other));
  });

  it('refuses a reaction that the database could not hold, for good', async () => {
    const id = await newTalk('no emoji');
    const { seq } = okOf<Sent>(await send(bobSocket, id, 'hello'));
    const fields = { conversationId: id, clientId: crypto.randomUUID(), seq, emoji: '\u0000', on: true };
    expect(await bobSocket.request('reaction.set', fields)).toMatchObject({
      error: { code: 'invalid', temporary: false },
    });
  });

  it('moves a read marker on the other devices of its person, and tells nobody else where receipts are not shown', async () => {
    const id = await newTalk('read');
    await ann.call('PATCH', `/api/conversations/conversations/${id}`, { receipts: false });
    await bobSocket.push('conversation', (push) => 'set' in push && push.c === id && push.set.receipts === false);
    const { seq } = okOf<Sent>(await sendOnceAllowed(annSocket, id, 'read me'));
    const phone = await chat.connect(bob);
    okOf(await bobSocket.request('read', { conversationId: id, seq }));
    expect(await phone.push('read', ({ c }) => c === id)).toMatchObject({ userId: bob.userId, seq });
    okOf(await annSocket.request('ping', {}));
    expect(annSocket.pushes.some((push) => push.e === 'read' && push.c === id)).toBe(false);
    phone.close();
  });

  it('shows the others how far a member has read, where the conversation shows receipts', async () => {
    const id = await newTalk('receipts');
    const { seq } = okOf<Sent>(await sendOnceAllowed(annSocket, id, 'read me'));
    okOf(await bobSocket.request('read', { conversationId: id, seq }));
    const { markedUnread, ...seen } = await annSocket.push('read', ({ c }) => c === id);
    expect(seen).toEqual({ e: 'read', c: id, userId: bob.userId, seq });
    expect(markedUnread).toBeUndefined();
    const { body } = await ann.call<Receipts>('GET', `/api/messages/conversations/${id}/receipts`);
    expect(body.items).toContainEqual({ userId: bob.userId, seq });
  });

  it('shows my settings of a conversation on my devices alone', async () => {
    const id = await newTalk('mine');
    const phone = await chat.connect(bob);
    const path = `/api/conversations/conversations/${id}`;
    expect((await bob.call('PATCH', `${path}/me`, { muted: true, pinned: true })).status).toBe(200);
    for (const socket of [bobSocket, phone]) {
      const push = await socket.push('conversation', (told) => 'set' in told && told.c === id && 'muted' in told.set);
      expect(push).toMatchObject({ set: { muted: true, pinned: true } });
    }
    // What is told later has come, so this would have, too.
    expect((await ann.call('PATCH', path, { topic: 'for all' })).status).toBe(200);
    await annSocket.push('conversation', (told) => 'set' in told && told.c === id && told.set.topic === 'for all');
    expect(annSocket.pushes.some((told) => told.e === 'conversation' && 'set' in told && 'muted' in told.set)).toBe(
      false,
    );
    phone.close();
  });

  it('tells who types, and that they stopped', async () => {
    const id = await newTalk('typing');
    const type = (on: boolean) => annSocket.sendRaw(JSON.stringify({ id: 900, op: 'typing', conversationId: id, on }));
    type(true);
    expect((await bobSocket.push('typing', ({ c }) => c === id)).userIds).toEqual([ann.userId]);
    type(false);
    await bobSocket.push('typing', ({ c, userIds }) => c === id && userIds.length === 0);
  });

  it('answers neither typing nor presence', async () => {
    const id = await newTalk('silence');
    const { url, ticket } = await ann.ticket();
    const socket = new WebSocket(`${url}?ticket=${ticket}`);
    const answered: number[] = [];
    socket.onmessage = ({ data }) => {
      const frames: { re?: number }[] = [JSON.parse(String(data))].flat();
      answered.push(...frames.flatMap(({ re }) => re ?? []));
    };
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    const say = (frame: object) => socket.send(JSON.stringify(frame));
    say({ id: 1, op: 'resume', conversations: [] });
    await eventually(() => answered.includes(1));
    say({ id: 2, op: 'presence', status: 'away' });
    say({ id: 3, op: 'typing', conversationId: id, on: true });
    await bobSocket.push('typing', ({ c, userIds }) => c === id && userIds.length === 1);
    say({ id: 4, op: 'ping' });
    await eventually(() => answered.includes(4));
    expect(answered).toEqual([1, 4]);
    socket.close();
  });

  it('hides a conversation from a stranger, whatever the stranger sends', async () => {
    const id = await newTalk('secret');
    const eve = await chat.signIn('eve');
    const eveSocket = await chat.connect(eve);
    const clientId = crypto.randomUUID();
    const refused = { error: { code: 'not-found', temporary: false } };
    expect(await send(eveSocket, id, 'let me in')).toMatchObject(refused);
    expect(await eveSocket.request('message.delete', { conversationId: id, clientId, seq: 1 })).toMatchObject(refused);
    expect(await eveSocket.request('read', { conversationId: id, seq: 1 })).toMatchObject(refused);
    expect(await eveSocket.request('typing', { conversationId: id, on: true })).toMatchObject(refused);
    expect(okOf(await eveSocket.request('resume', { conversations: [[id, 0]] }))).toEqual({
      conversations: [{ c: id, gone: true }],
    });
    okOf(await sendOnceAllowed(annSocket, id, 'canary'));
    okOf(await eveSocket.request('ping', {}));
    expect(JSON.stringify(eveSocket.pushes)).not.toContain(id);
    eveSocket.close();
  });

  it('takes the conversation from a removed member at once', async () => {
    const id = await newTalk('removed');
    const removal = await ann.call('DELETE', `/api/conversations/conversations/${id}/members/${bob.userId}`);
    expect(removal.status).toBe(204);
    await bobSocket.push('conversation', (push) => 'gone' in push && push.c === id);
    okOf(await sendOnceAllowed(annSocket, id, 'without bob'));
    expect(await sendOnceAllowed(bobSocket, id, 'still here')).toMatchObject({
      error: { code: 'not-found', temporary: false },
    });
    expect(JSON.stringify(bobSocket.pushes)).not.toContain('without bob');
  });

  it('tells a new name to all, and a new role to all with its power taken at once', async () => {
    const id = await newTalk('old name');
    const path = `/api/conversations/conversations/${id}`;
    expect((await ann.call('PATCH', path, { name: 'new name' })).status).toBe(200);
    const named = await bobSocket.push('conversation', (push) => 'set' in push && push.c === id && 'name' in push.set);
    expect(named).toMatchObject({ set: { name: 'new name' } });
    const clientId = crypto.randomUUID();
    const sent = okOf<Sent>(await send(bobSocket, id, 'as a member', clientId));
    expect((await ann.call('PATCH', `${path}/members/${bob.userId}`, { role: 'viewer' })).status).toBe(200);
    const mine = await bobSocket.push('conversation', (push) => 'set' in push && push.c === id && 'myRole' in push.set);
    expect(mine).toMatchObject({ set: { myRole: 'viewer' } });
    await annSocket.push(
      'members',
      ({ c, change, member }) => c === id && change === 'role' && member.role === 'viewer',
    );
    expect(await send(bobSocket, id, 'as a viewer')).toMatchObject({ error: { code: 'forbidden', temporary: false } });
    // Of what was saved before the answer may have been lost.
    expect(okOf<Sent>(await send(bobSocket, id, 'as a member', clientId))).toEqual(sent);
  });

  it('refuses writes in a conversation as soon as it is archived', async () => {
    const id = await newTalk('archived');
    const clientId = crypto.randomUUID();
    const sent = okOf<Sent>(await send(bobSocket, id, 'before', clientId));
    const archived = await ann.call('PATCH', `/api/conversations/conversations/${id}`, { archived: true });
    expect(archived.status).toBe(200);
    await bobSocket.push('conversation', (push) => 'set' in push && push.c === id && push.set.archivedAt !== undefined);
    expect(await send(bobSocket, id, 'after')).toMatchObject({ error: { code: 'forbidden', temporary: false } });
    expect(okOf<Sent>(await send(bobSocket, id, 'before', clientId))).toEqual(sent);
  });

  it('tells inviter and invitee what became of an invitation', async () => {
    const { id } = await createConversation(ann, 'declined');
    const invitation = await invite(ann, id, bob.userId);
    expect((await bob.call('POST', `/api/conversations/invitations/${invitation.id}/decline`)).status).toBe(204);
    for (const socket of [annSocket, bobSocket]) {
      await socket.push(
        'invitation',
        (push) => push.invitation.id === invitation.id && push.invitation.state === 'declined',
      );
    }
  });

  it('refuses what is no message before anything is saved', async () => {
    const id = await newTalk('refused');
    for (const body of [' ', '\u0000', 'x'.repeat(4001)]) {
      expect(await send(annSocket, id, body)).toMatchObject({ error: { code: 'invalid', temporary: false } });
    }
  });

  it('counts no reading, typing, presence or ping as a command', async () => {
    const id = await newTalk('uncounted');
    const carol = await chat.signIn('carol');
    await accept(carol, (await invite(ann, id, carol.userId)).id);
    const socket = await chat.connect(carol);
    const { seq } = okOf<Sent>(await sendOnceAllowed(annSocket, id, 'read me'));
    for (let round = 0; round < 60; round++) {
      const typing = { id: 900, op: 'typing', conversationId: id, on: round % 2 === 0 };
      socket.sendRaw(JSON.stringify(typing));
      socket.sendRaw(JSON.stringify({ id: 901, op: 'presence', status: 'online' }));
    }
    const reads = Array.from({ length: 60 }, () => socket.request('read', { conversationId: id, seq }));
    const pings = Array.from({ length: 60 }, () => socket.request('ping', {}));
    for (const reply of await Promise.all([...reads, ...pings])) expect(okOf(reply)).toEqual({});
    // The whole burst is still there.
    const replies = await Promise.all(Array.from({ length: 25 }, () => send(socket, id, 'counted')));
    for (const reply of replies.slice(0, 20)) okOf(reply);
    expect(replies.at(-1)).toMatchObject({ error: { code: 'rate-limited', temporary: true } });
    socket.close();
  });

  it('S33: takes a burst of twenty commands, then says how long to wait', async () => {
    const id = await newTalk('limited');
    const carol = await chat.signIn('carol');
    const socket = await chat.connect(carol);
    const replies = await Promise.all(Array.from({ length: 25 }, () => send(socket, id, 'again')));
    const limited = replies.flatMap((reply) => ('error' in reply && reply.error.temporary ? [reply.error] : []));
    expect(limited.length).toBeGreaterThanOrEqual(4);
    expect(limited[0]).toMatchObject({ code: 'rate-limited', retryAfterMs: expect.any(Number) });
    okOf(await socket.request('ping', {}));
    socket.close();
  });
});
