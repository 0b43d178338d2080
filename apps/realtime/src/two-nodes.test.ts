import { afterAll, beforeAll, describe, expect, it, setDefaultTimeout } from 'bun:test';
import type { Resumed } from '@chatapp/contract/frames';
import type { ChangesPage, Sent } from '@chatapp/contract/http-messages';
import { type ChatSocket, okOf } from '../../../dev/testing/chat-socket.ts';
import { eventually } from '../../../dev/testing/eventually.ts';
import { conversationOf, expectStatus, type Person } from '../../../dev/testing/person.ts';
import { type Chat, startChat } from '../testing/chat.ts';

setDefaultTimeout(60_000);

let chat: Chat;
let ann: Person;
let bob: Person;
let id: string;
beforeAll(async () => {
  chat = await startChat({
    nodes: 2,
    env: { COMMANDS_PER_MINUTE: '100000', CONVERSATION_COMMANDS_PER_MINUTE: '1000000' },
  });
  [ann, bob] = await Promise.all([chat.signIn('ann'), chat.signIn('bob')]);
  ({ id } = await conversationOf('two nodes', ann, bob));
  // "Ann created", "Bob joined": they come by events, and would stand between the messages that are counted here.
  await eventually(async () => (await chat.rows`SELECT 1 FROM messages WHERE conversation_id = ${id}`).length === 2);
}, 60_000);
afterAll(() => chat.stop());

const send = async (socket: ChatSocket, body: string) =>
  okOf<Sent>(await socket.request('message.send', { conversationId: id, clientId: crypto.randomUUID(), body }));

/** The revs that came by pushes, one after the other. */
const revsOf = (socket: ChatSocket): number[] =>
  socket.pushes.flatMap((push) => {
    if (push.e === 'message' && push.c === id) return [push.rev];
    return push.e === 'changes' && push.c === id ? push.changes.map(({ rev }) => rev) : [];
  });

const resume = async (socket: ChatSocket, rev: number) => {
  const answer = okOf<Resumed>(await socket.request('resume', { conversations: [[id, rev]] }));
  const [conversation] = answer.conversations;
  if (conversation === undefined) throw new Error('no conversation in the answer');
  return conversation;
};

/** The revs of all that changed after one, page by page. */
const changesAfter = async (rev: number): Promise<number[]> => {
  const path = `/api/messages/conversations/${id}/changes?after=${rev}`;
  const { changes, to, headRev } = expectStatus(await bob.call<ChangesPage>('GET', path), 200).body;
  const revs = changes.map((change) => change.rev);
  return to < headRev ? [...revs, ...(await changesAfter(to))] : revs;
};

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('two nodes', () => {
  it('show everybody one order without holes, ten senders at once', async () => {
    const sockets = await Promise.all(range(0, 9).map((index) => chat.connect(ann, { node: index % 2 })));
    const readers = await Promise.all([chat.connect(bob, { node: 0 }), chat.connect(bob, { node: 1 })]);
    const first = await send(sockets[0] as ChatSocket, 'first');
    const sent = await Promise.all(
      sockets.flatMap((socket, sender) => range(1, 20).map((count) => send(socket, `${sender} ${count}`))),
    );
    const last = Math.max(...sent.map(({ rev }) => rev));
    expect(last).toBe(first.rev + 200);
    for (const reader of readers) {
      await reader.push('message', ({ c, rev }) => c === id && rev === last);
      expect(revsOf(reader)).toEqual(range(first.rev, last));
    }
    for (const socket of [...sockets, ...readers]) socket.close();
  });

  it('keep the order in which one socket sent', async () => {
    const socket = await chat.connect(ann);
    const sent = await Promise.all(range(1, 60).map((count) => send(socket, `in order ${count}`)));
    expect(sent.map(({ seq }) => seq)).toEqual(range(sent[0]?.seq ?? 0, (sent[0]?.seq ?? 0) + 59));
    socket.close();
  });

  it('answer a resume with the whole gap, or reset where it is too long', async () => {
    const socket = await chat.connect(ann);
    const first = await send(socket, 'gap');
    const sent = await Promise.all(range(1, 310).map((count) => send(socket, `gap ${count}`)));
    const head = Math.max(...sent.map(({ rev }) => rev));
    const other = await chat.connect(bob, { node: 1 });
    const whole = await resume(other, head - 300);
    if (!('changes' in whole)) throw new Error('reset');
    expect(whole.changes.map(({ rev }) => rev)).toEqual(range(head - 299, head));
    expect(whole).toMatchObject({ after: head - 300, to: head, headRev: head });
    expect(await resume(other, head)).toMatchObject({ changes: [], to: head });
    expect(await resume(other, first.rev)).toMatchObject({ reset: true, headRev: head });
    // Ahead of what there is: another history.
    expect(await resume(other, head + 5)).toMatchObject({ reset: true, headRev: head });
    for (const open of [socket, other]) open.close();
  });

  it('answer a resume with one change where the rest was superseded', async () => {
    const socket = await chat.connect(ann);
    const { seq, rev } = await send(socket, 'edited often');
    for (const count of range(1, 12)) {
      const clientId = crypto.randomUUID();
      const edit = { conversationId: id, clientId, seq, body: `edit ${count}` };
      okOf(await socket.request('message.edit', edit));
    }
    const answer = await resume(socket, rev);
    expect(answer).toMatchObject({ after: rev, to: rev + 12, changes: [{ seq, rev: rev + 12, body: 'edit 12' }] });
    socket.close();
  });

  it('tell who is here, across nodes, and ten seconds after the last device who left', async () => {
    const annSocket = await chat.connect(ann, { node: 0 });
    const phone = await chat.connect(bob, { node: 1 });
    const laptop = await chat.connect(bob, { node: 0 });
    // Shares no conversation with them.
    const stranger = await chat.connect(await chat.signIn('eve'), { node: 0 });
    const statusOf = (status: string) => (push: { userId: string; status: string }) =>
      push.userId === bob.userId && push.status === status;
    await annSocket.push('presence', statusOf('online'));
    await laptop.push('presence', ({ userId }) => userId === ann.userId);

    for (const device of [phone, laptop]) {
      device.sendRaw(JSON.stringify({ id: 1, op: 'presence', status: 'away' }));
      okOf(await device.request('ping', {}));
    }
    await annSocket.push('presence', statusOf('away'));
    phone.close();
    laptop.close();
    const left = performance.now();
    await annSocket.push('presence', statusOf('offline'), 20_000);
    expect(performance.now() - left).toBeGreaterThan(8000);
    okOf(await stranger.request('ping', {}));
    expect(stranger.pushes.filter(({ e }) => e === 'presence')).toEqual([]);
    for (const socket of [annSocket, stranger]) socket.close();
  });

  it('tell who types, across nodes, until it is six seconds old', async () => {
    const annSocket = await chat.connect(ann, { node: 0 });
    const bobSocket = await chat.connect(bob, { node: 1 });
    annSocket.sendRaw(JSON.stringify({ id: 1, op: 'typing', conversationId: id, on: true }));
    await bobSocket.push('typing', ({ userIds }) => userIds.includes(ann.userId));
    await bobSocket.push('typing', ({ userIds }) => userIds.length === 0, 9000);
    for (const socket of [annSocket, bobSocket]) socket.close();
  });

  it('catch a client up that moves over after its node was killed', async () => {
    const annSocket = await chat.connect(ann, { node: 0 });
    const bobSocket = await chat.connect(bob, { node: 1 });
    const { rev } = await send(annSocket, 'before');
    await bobSocket.push('message', (push) => push.rev === rev);
    chat.nodes[1]?.kill();
    await bobSocket.closed;
    const missed = await send(annSocket, 'missed');
    const moved = await chat.connect(bob, { node: 0 });
    expect(await resume(moved, rev)).toMatchObject({ to: missed.rev, changes: [{ body: 'missed' }] });
    await chat.nodes[1]?.start();
    for (const socket of [annSocket, moved]) socket.close();
  });

  it('send sockets away one by one when they end, and lose no command', async () => {
    const sockets = await Promise.all(range(1, 10).map(() => chat.connect(ann, { node: 1 })));
    const answers = Promise.allSettled(sockets.map((socket) => send(socket, 'last words')));
    const stopped = chat.nodes[1]?.stop();
    const goaways = await Promise.all(sockets.map((socket) => socket.push('goaway')));
    const codes = await Promise.all(sockets.map(async ({ closed }) => (await closed).code));
    expect(new Set(codes)).toEqual(new Set([4001]));
    expect(new Set(goaways.map(({ afterMs }) => afterMs)).size).toBeGreaterThan(3);
    await answers;
    await stopped;
    const rows = () => chat.rows`SELECT 1 FROM messages WHERE conversation_id = ${id} AND body = 'last words'`;
    await eventually(async () => (await rows()).length === 10);
    await chat.nodes[1]?.start();
  });

  it('S34: cut a socket that does not read, after a prefix without gaps, and nobody else', async () => {
    const annSocket = await chat.connect(ann, { node: 0 });
    const reader = await chat.connect(bob, { node: 0 });
    const { port } = new URL(chat.nodes[0]?.url ?? '');
    const slow = await openSlowSocket(Number(port), (await bob.ticket()).ticket);
    const before = await send(annSocket, 'flood');
    const body = 'x'.repeat(3900);
    const cut = async () =>
      /slow_sockets_cut_total\S* [1-9]/.test(await (await fetch(`${chat.nodes[0]?.url}/metrics`)).text());
    for (let round = 0; round < 150 && !(await cut()); round++) {
      await Promise.all(range(1, 30).map(() => send(annSocket, body)));
    }
    expect(await cut()).toBe(true);
    await slow.readOn();
    expect(reader.isOpen).toBe(true);
    const revs = slow.received().matchAll(/"e":"message","c":"[^"]+","rev":(\d+),/g);
    const seen = [...revs].map((match) => Number(match[1]));
    expect(seen.length).toBeGreaterThan(10);
    expect(seen).toEqual(range(before.rev, before.rev + seen.length - 1));

    // It comes back with what it had, and has all that it missed.
    const last = await send(annSocket, 'after the cut');
    const back = await chat.connect(bob, { node: 1 });
    expect(await resume(back, seen.at(-1) ?? 0)).toMatchObject({ headRev: last.rev });
    const missed = await changesAfter(seen.at(-1) ?? 0);
    expect([...seen, ...missed]).toEqual(range(before.rev, last.rev));
    back.close();
    for (const socket of [annSocket, reader]) socket.close();
  });
});

/** A socket on a raw connection that reads nothing after its resume until it was cut. */
const openSlowSocket = async (port: number, ticket: string) => {
  let text = '';
  let hasResumed = false;
  const ended = Promise.withResolvers<void>();
  const resumed = Promise.withResolvers<void>();
  const decoder = new TextDecoder();
  const connection = await Bun.connect({
    hostname: '127.0.0.1',
    port,
    socket: {
      data(socket, bytes) {
        text += decoder.decode(bytes, { stream: true });
        if (hasResumed || !text.includes('"re":1,')) return;
        hasResumed = true;
        socket.pause();
        resumed.resolve();
      },
      close: () => ended.resolve(),
      error: () => ended.resolve(),
    },
  });
  connection.write(
    `GET /realtime?ticket=${ticket} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: Upgrade\r\nupgrade: websocket\r\n` +
      'sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  );
  await eventually(() => text.includes('"hello"'));
  connection.write(maskedFrame('{"id":1,"op":"resume","conversations":[]}'));
  await resumed.promise;
  return {
    received: () => text,
    /** Reads what was sent before the end. */
    readOn: async () => {
      connection.resume();
      await ended.promise;
    },
  };
};

/** A text frame of a client (RFC 6455 §5.2), up to 125 bytes, masked with zeros. */
const maskedFrame = (text: string): Uint8Array => {
  const bytes = new TextEncoder().encode(text);
  return new Uint8Array([0x81, 0x80 | bytes.length, 0, 0, 0, 0, ...bytes]);
};
