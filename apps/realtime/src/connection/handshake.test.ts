import { afterAll, beforeAll, describe, expect, it, setDefaultTimeout } from 'bun:test';
import type { Resumed } from '@chatapp/contract/frames';
import type { TicketGrant } from '@chatapp/contract/http-bff';
import { ticketKey } from '@chatapp/contract/http-bff';
import { limits } from '@chatapp/contract/limits';
import { Redis } from 'ioredis';
import { type ChatSocket, okOf } from '../../../../dev/testing/chat-socket.ts';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { createConversation, type Person } from '../../../../dev/testing/person.ts';
import { type Chat, startChat } from '../../testing/chat.ts';
import { knock } from '../../testing/knock.ts';

setDefaultTimeout(30_000);

let chat: Chat;
let redis: Redis;
let ann: Person;
let origin: string;
beforeAll(async () => {
  chat = await startChat();
  redis = new Redis(chat.redis.url, { maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
  ann = await chat.signIn('ann');
  origin = new URL(ann.url).origin;
}, 60_000);
afterAll(async () => {
  redis.disconnect();
  await chat.stop();
});

const node = () => chat.nodes[0]?.url ?? '';

const handshake = (path: string, headers?: Record<string, string>) => knock(`${node()}${path}`, headers);

describe('GET /realtime', () => {
  it('takes a ticket once', async () => {
    const socket = await chat.connect(ann);
    const hello = await socket.push('hello');
    expect(hello).toMatchObject({ v: 1, pingIntervalMs: 25_000, sessionExpiresAt: expect.any(String) });
    socket.close();

    const { ticket } = await ann.ticket();
    expect(await redis.del(ticketKey(ticket))).toBe(1);
    expect(await handshake(`/realtime?ticket=${ticket}`)).toEqual({ status: 401, code: 'token-invalid' });
  });

  it('takes a ticket once where two come with it in the same moment', async () => {
    for (let round = 0; round < 5; round++) {
      const { url, ticket } = await ann.ticket();
      const codes = await Promise.all(
        [1, 2, 3].map(() => {
          const { promise, resolve } = Promise.withResolvers<'hello' | 'refused'>();
          const socket = new WebSocket(`${url}?ticket=${ticket}`);
          socket.onmessage = () => {
            resolve('hello');
            socket.close();
          };
          socket.onclose = () => resolve('refused');
          return promise;
        }),
      );
      expect(codes.toSorted()).toEqual(['hello', 'refused', 'refused']);
    }
  });

  it.each(['https://evil.example', 'null', 'http://localhost:1', ''])(
    'refuses the origin %p before it looks at the ticket',
    async (other) => {
      const { ticket } = await ann.ticket();
      expect(await handshake(`/realtime?ticket=${ticket}`, { origin: other })).toEqual({ status: 403, code: 'origin' });
      expect(await redis.exists(ticketKey(ticket))).toBe(1);
    },
  );

  it.each(['/realtime', '/realtime?ticket=', '/realtime?ticket=*', `/realtime?ticket=${'a'.repeat(43)}`])(
    'refuses %s: nobody is known by it',
    async (path) => {
      expect(await handshake(path, { origin })).toEqual({ status: 401, code: 'token-invalid' });
    },
  );

  it('refuses a ticket of a session that is over', async () => {
    const grant: TicketGrant = { userId: ann.userId, sid: 'over', sessionExpiresAt: new Date(0).toISOString() };
    await redis.set(ticketKey('t'.repeat(43)), JSON.stringify(grant), 'PX', 30_000);
    expect(await handshake(`/realtime?ticket=${'t'.repeat(43)}`)).toEqual({ status: 401, code: 'signed-out' });
  });

  it('takes the access token of a person, and no token for another audience', async () => {
    const token = await chat.issuer.personToken('ann');
    const socket = new WebSocket(`${node().replace('http', 'ws')}/realtime`, {
      headers: { authorization: `Bearer ${token}` },
    } as unknown as string[]);
    const { promise, resolve } = Promise.withResolvers<string>();
    socket.onmessage = ({ data }) => resolve(String(data));
    expect(JSON.parse(await promise)).toMatchObject({ e: 'hello' });
    socket.close();

    const machine = await chat.issuer.machineToken('realtime', 'urn:chatapp:conversations', [
      'conversations:access.read',
    ]);
    for (const other of [machine, `${token}x`, 'x']) {
      const refused = await handshake('/realtime', { authorization: `Bearer ${other}` });
      expect(refused).toEqual({ status: 401, code: 'token-invalid' });
    }
  });

  it('S23: takes no machine for a person, whatever its audience', async () => {
    const bot = await chat.issuer.machineToken('bot', 'urn:chatapp:api', []);
    const refused = await handshake('/realtime', { authorization: `Bearer ${bot}` });
    expect(refused).toEqual({ status: 403, code: 'forbidden' });
  });

  it('is no HTTP route', async () => {
    const response = await fetch(`${node()}/realtime`);
    expect(response.status).toBe(400);
    expect((await fetch(`${node()}/`)).status).toBe(404);
  });

  it('S33: lets a person have twenty sockets', async () => {
    const dave = await chat.signIn('dave');
    const sockets = await Promise.all(Array.from({ length: 20 }, () => chat.connect(dave)));
    const { ticket } = await dave.ticket();
    expect(await handshake(`/realtime?ticket=${ticket}`)).toEqual({ status: 429, code: 'rate-limited' });
    sockets[0]?.close();
    await sockets[0]?.closed;
    const another = await eventually(() => chat.connect(dave));
    for (const socket of [...sockets, another]) socket.close();
  });
});

describe('a socket', () => {
  let socket: ChatSocket;
  beforeAll(async () => {
    socket = await chat.connect(ann);
  });

  it('answers a frame that it does not know, and one with a wrong field', async () => {
    expect(await socket.request('shout' as 'ping', {})).toMatchObject({
      error: { code: 'malformed', temporary: false },
    });
    expect(await socket.request('ping', { extra: 1 } as never)).toMatchObject({ error: { code: 'invalid' } });
    okOf(await socket.request('ping', {}));
  });

  it('resumes with a thousand conversations, and refuses one more', async () => {
    const other = await chat.connect(ann);
    const unknown = Array.from({ length: limits.resumeConversationsMax }, (): [string, number] => [
      crypto.randomUUID(),
      1,
    ]);
    const answer = okOf<Resumed>(await other.request('resume', { conversations: unknown }));
    expect(answer.conversations).toEqual(unknown.map(([c]) => ({ c, gone: true })));
    const tooMany = { conversations: [...unknown, ...unknown.slice(0, 1)] };
    expect(await other.request('resume', tooMany)).toMatchObject({ error: { code: 'invalid', temporary: false } });
    other.close();
  });

  it.each([
    ['no JSON', '{'],
    ['no id', '{"op":"ping"}'],
    ['too deep', `{"id":1,"op":${'['.repeat(40)}${']'.repeat(40)}}`],
    ['binary', new Uint8Array([1, 2, 3])],
  ])('ends with 4510 on a breach of the protocol: %s', async (_, frame) => {
    const other = await chat.connect(ann);
    other.sendRaw(frame);
    expect((await other.closed).code).toBe(4510);
  });

  it('S33: is cut by a frame over 64 KB', async () => {
    const other = await chat.connect(ann);
    other.sendRaw(JSON.stringify({ id: 1, op: 'ping', x: 'x'.repeat(65_536) }));
    await other.closed;
    okOf(await socket.request('ping', {}));
  });

  it('S33: ends with 4510 where no resume comes within ten seconds, and not before', async () => {
    const { url, ticket } = await ann.ticket();
    const silent = new WebSocket(`${url}?ticket=${ticket}`);
    const opened = performance.now();
    const closed = Promise.withResolvers<number>();
    silent.onclose = ({ code }) => closed.resolve(code);
    expect(await closed.promise).toBe(4510);
    expect(performance.now() - opened).toBeGreaterThan(9000);
  });

  it('S33: ends with 4029 when it floods', async () => {
    const other = await chat.connect(ann);
    for (let count = 0; count < 700; count++) other.sendRaw('{"id":1,"op":"ping"}');
    expect((await other.closed).code).toBe(4029);
  });

  it('queues at most 64 commands behind one that waits for access', async () => {
    const { id } = await createConversation(ann, 'queue');
    const bob = await chat.signIn('bob');
    const other = await chat.connect(bob);
    // Frozen, so that the first command waits for access until all others have come.
    process.kill(chat.conversations.pid, 'SIGSTOP');
    let refused = 0;
    const reads = Array.from({ length: 80 }, async () => {
      const reply = await other.request('read', { conversationId: id, seq: 1 });
      if ('error' in reply && reply.error.code === 'rate-limited') refused++;
      return reply;
    });
    await eventually(() => refused === 15).finally(() => process.kill(chat.conversations.pid, 'SIGCONT'));
    const replies = await Promise.all(reads);
    const limited = replies.filter((reply) => 'error' in reply && reply.error.code === 'rate-limited');
    expect(limited).toHaveLength(15);
    other.close();
  });
});

describe('a node that ends', () => {
  it('sends a handshake away that it had begun, instead of cutting its socket', async () => {
    const { ticket } = await ann.ticket();
    await redis.call('CLIENT', 'PAUSE', '1800', 'ALL');
    const answer = handshake(`/realtime?ticket=${ticket}`, { origin });
    await Bun.sleep(200);
    process.kill(chat.nodes[0]?.pid ?? 0, 'SIGTERM');
    expect(await answer).toEqual({ status: 503, code: 'unavailable' });
    await chat.nodes[0]?.stop();
    await chat.nodes[0]?.start();
  });
});

describe('what keeps up without Redis', () => {
  it('says so in /health/ready, refuses a ticket with 503, and comes back', async () => {
    const { id: conversationId } = await createConversation(ann, 'without Redis');
    const socket = await chat.connect(ann);
    chat.redis.kill();
    await eventually(async () => (await fetch(`${node()}/health/ready`)).status === 503);
    expect((await fetch(`${node()}/health/live`)).status).toBe(200);
    expect(await handshake(`/realtime?ticket=${'a'.repeat(43)}`)).toEqual({ status: 503, code: 'unavailable' });
    const fields = { conversationId, clientId: crypto.randomUUID(), body: 'x' };
    const refused = { error: { code: 'unavailable', temporary: true, retryAfterMs: expect.any(Number) } };
    expect(await socket.request('message.send', fields)).toMatchObject(refused);

    await chat.redis.start();
    await eventually(async () => (await fetch(`${node()}/health/ready`)).ok, { timeoutMs: 20_000 });
    await socket.push('lists', undefined, 20_000);
    await eventually(async () => 'ok' in (await socket.request('message.send', fields)), { timeoutMs: 20_000 });
    socket.close();
  });
});
