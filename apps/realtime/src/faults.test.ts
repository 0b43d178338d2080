import { afterAll, beforeAll, describe, expect, it, setDefaultTimeout } from 'bun:test';
import type { Sent } from '@chatapp/contract/http-messages';
import { changesChannel, shardOf } from '@chatapp/contract/shard';
import { Redis } from 'ioredis';
import { redisServerPath } from '../../../dev/redis.ts';
import { type ChatSocket, okOf, openSocket } from '../../../dev/testing/chat-socket.ts';
import { eventually } from '../../../dev/testing/eventually.ts';
import { conversationOf, type Person } from '../../../dev/testing/person.ts';
import { type Chat, startChat } from '../testing/chat.ts';

setDefaultTimeout(60_000);

let chat: Chat;
let redis: Redis;
let ann: Person;
let bob: Person;
let id: string;
beforeAll(async () => {
  chat = await startChat({ env: { COMMANDS_PER_MINUTE: '100000', CONVERSATION_COMMANDS_PER_MINUTE: '1000000' } });
  redis = new Redis(chat.redis.url, { maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
  [ann, bob] = await Promise.all([chat.signIn('ann'), chat.signIn('bob')]);
  ({ id } = await conversationOf('faults', ann, bob));
}, 60_000);
afterAll(async () => {
  redis.disconnect();
  await chat.stop();
});

const send = (socket: ChatSocket, body: string, clientId: string = crypto.randomUUID()) =>
  socket.request('message.send', { conversationId: id, clientId, body }, 30_000);

/** Sends over HTTP, where the node under test has no part. */
const post = async (body: string) => {
  const fields = { clientId: crypto.randomUUID(), body };
  return (await ann.call<Sent>('POST', `/api/messages/conversations/${id}/messages`, fields)).body;
};

const nodeUrl = () => `${chat.nodes[0]?.url.replace('http', 'ws')}/realtime`;
const unavailable = { error: { code: expect.any(String), temporary: true, retryAfterMs: expect.any(Number) } };

/** Everything up to `to` that a socket got, by rev; a hole or a double shows. */
const seenBy = (socket: ChatSocket, after: number) =>
  socket.pushes
    .flatMap((push) => {
      if (push.e === 'message' && push.c === id) return [push.rev];
      return push.e === 'changes' && push.c === id ? push.changes.map(({ rev }) => rev) : [];
    })
    .filter((rev) => rev > after);

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** Conversations in which somebody at the node is. */
const servedCount = async (): Promise<number> => {
  const text = await (await fetch(`${chat.nodes[0]?.url}/metrics`)).text();
  return Number(/^realtime_conversations\S* (\d+)/m.exec(text)?.[1]);
};

describe('while conversations is down', () => {
  it('hobby: sign-in of a socket impossible while conversations is down', async () => {
    chat.conversations.kill();
    const socket = await openSocket(bob, { url: nodeUrl() });
    expect(await socket.request('resume', { conversations: [] }, 10_000)).toMatchObject(unavailable);
    expect(socket.isOpen).toBe(true);
    okOf(await socket.request('ping', {}));
    await chat.conversations.start();
    await eventually(async () => 'ok' in (await socket.request('resume', { conversations: [] })), {
      timeoutMs: 15_000,
    });
    const sent = okOf<Sent>(await send(socket, 'back again'));
    await socket.push('message', ({ c, rev }) => c === id && rev === sent.rev);
    socket.close();
  });

  it('serves those whose access is known, and refuses the others for now', async () => {
    const socket = await chat.connect(ann);
    okOf(await send(socket, 'known'));
    chat.conversations.kill();
    okOf(await send(socket, 'still known'));
    const strange = { conversationId: crypto.randomUUID(), clientId: crypto.randomUUID(), body: 'x' };
    expect(await socket.request('message.send', strange, 10_000)).toMatchObject(unavailable);
    await chat.conversations.start();
    socket.close();
  });
});

describe('while messages is down', () => {
  it('keeps a command until it is saved, and answers then', async () => {
    const socket = await chat.connect(ann);
    okOf(await send(socket, 'before'));
    await chat.messages.stop();
    const clientId = crypto.randomUUID();
    const answer = send(socket, 'kept', clientId);
    okOf(await socket.request('ping', {}));
    await eventually(async () => (await redis.xlen(`commands:{${shardOf(id, 16)}}`)) > 0);
    await chat.messages.start();
    const sent = okOf<Sent>(await answer);
    expect(okOf<Sent>(await send(socket, 'kept', clientId))).toEqual(sent);
    const rows = await chat.rows`SELECT 1 FROM messages WHERE conversation_id = ${id} AND client_id = ${clientId}`;
    expect(rows).toHaveLength(1);
    socket.close();
  });

  it('answers a resume for now, and a command too when nobody has held its shard for ten seconds', async () => {
    const socket = await chat.connect(ann);
    okOf(await send(socket, 'before'));
    chat.messages.kill();
    const other = await openSocket(bob, { url: nodeUrl() });
    expect(await other.request('resume', { conversations: [[id, 1]] }, 15_000)).toMatchObject(unavailable);
    // Nobody answers those that are kept; the one that is refused answers at once.
    const refused = await eventually(
      async () => {
        const reply = await Promise.race([send(socket, 'nobody there').catch(() => undefined), Bun.sleep(300)]);
        return reply && 'error' in reply ? reply : undefined;
      },
      { timeoutMs: 30_000, intervalMs: 500 },
    );
    expect(refused).toMatchObject({ error: { code: 'unavailable', temporary: true } });
    await chat.messages.start();
    await eventually(async () => 'ok' in (await send(socket, 'there again')), { timeoutMs: 20_000 });
    for (const open of [socket, other]) open.close();
  });
});

describe('while a resume waits for messages', () => {
  it('takes a conversation out of its answer that the person is removed from meanwhile', async () => {
    const { id: lost } = await conversationOf('lost on the way', ann, bob);
    const socket = await openSocket(bob, { url: nodeUrl() });
    const served = await servedCount();
    process.kill(chat.messages.pid, 'SIGSTOP');
    try {
      const answer = socket.request('resume', { conversations: [[lost, 0]] }, 30_000);
      // Its conversations are known by now, and it waits for their heads.
      await eventually(async () => (await servedCount()) > served);
      const path = `/api/conversations/conversations/${lost}/members/${bob.userId}`;
      expect((await ann.call('DELETE', path)).status).toBe(204);
      await socket.push('conversation', (push) => 'gone' in push && push.c === lost);
      process.kill(chat.messages.pid, 'SIGCONT');
      expect(okOf(await answer)).toEqual({ conversations: [{ c: lost, gone: true }] });
    } finally {
      process.kill(chat.messages.pid, 'SIGCONT');
    }
    socket.close();
  });
});

describe('when Redis drops the subscription', () => {
  // js-redis-server knows no CLIENT KILL TYPE.
  it.skipIf(redisServerPath() === null && process.env.CI === undefined)(
    'finds every change that was published meanwhile, and has the lists read again',
    async () => {
      const socket = await chat.connect(bob);
      const { rev } = await post('before');
      await socket.push('message', (push) => push.rev === rev);
      let last = rev;
      for (let round = 0; round < 8; round++) {
        await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
        const sent = await Promise.all(range(1, 5).map((count) => post(`round ${round} ${count}`)));
        last = Math.max(...sent.map((answer) => answer.rev));
        await eventually(() => Math.max(...seenBy(socket, rev)) >= last, { timeoutMs: 10_000 });
      }
      expect(seenBy(socket, rev)).toEqual(range(rev + 1, last));
      expect(socket.pushes.some(({ e }) => e === 'lists')).toBe(true);
      socket.close();
    },
  );
});

describe('what comes twice', () => {
  it('is pushed once: a publish that is repeated, and an old one', async () => {
    const published: string[] = [];
    const listener = new Redis(chat.redis.url);
    const channel = changesChannel(shardOf(id, 16));
    await listener.subscribe(channel);
    listener.on('message', (_, text: string) => published.push(text));
    const socket = await chat.connect(bob);
    const first = await post('once');
    await post('twice');
    await eventually(() => published.length >= 2);
    for (const text of [...published, ...published.toReversed()]) await redis.publish(channel, text);
    const last = await post('thrice');
    await socket.push('message', (push) => push.c === id && push.rev === last.rev);
    expect(seenBy(socket, first.rev - 1)).toEqual(range(first.rev, last.rev));
    listener.disconnect();
    socket.close();
  });
});
