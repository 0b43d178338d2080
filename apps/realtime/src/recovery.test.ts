import { afterAll, beforeAll, describe, expect, it, setDefaultTimeout } from 'bun:test';
import type { Push, Resumed } from '@chatapp/contract/frames';
import type { Sent } from '@chatapp/contract/http-messages';
import { Redis } from 'ioredis';
import { redisServerPath } from '../../../dev/redis.ts';
import { type ChatSocket, HandshakeRefused, okOf, openSocket } from '../../../dev/testing/chat-socket.ts';
import { eventually } from '../../../dev/testing/eventually.ts';
import { conversationOf, expectStatus, type Person } from '../../../dev/testing/person.ts';
import { type Chat, startChat } from '../testing/chat.ts';

setDefaultTimeout(45_000);

let chat: Chat;
let redis: Redis;
let ann: Person;
let bob: Person;
beforeAll(async () => {
  chat = await startChat({
    nodes: 2,
    env: { COMMANDS_PER_MINUTE: '100000', CONVERSATION_COMMANDS_PER_MINUTE: '1000000' },
  });
  redis = new Redis(chat.redis.url, { maxRetriesPerRequest: null });
  [ann, bob] = await Promise.all([chat.signIn('ann'), chat.signIn('bob')]);
}, 60_000);
afterAll(async () => {
  redis.disconnect();
  await chat.stop();
});

/** A conversation of two, after what its making says about itself ("created", "joined") is saved. */
const settled = async (name: string, owner: Person, member: Person): Promise<string> => {
  const { id } = await conversationOf(name, owner, member);
  await eventually(async () => (await chat.rows`SELECT 1 FROM messages WHERE conversation_id = ${id}`).length === 2);
  return id;
};

/** Sends over HTTP, where the nodes under test have no part. */
const post = async (person: Person, id: string, body: string) => {
  const fields = { clientId: crypto.randomUUID(), body };
  return expectStatus(await person.call<Sent>('POST', `/api/messages/conversations/${id}/messages`, fields), 201).body;
};

const revsOf = (socket: ChatSocket, id: string, after: number): number[] =>
  socket.pushes
    .flatMap((push) => {
      if (push.e === 'message' && push.c === id) return [push.rev];
      return push.e === 'changes' && push.c === id ? push.changes.map(({ rev }) => rev) : [];
    })
    .filter((rev) => rev > after);

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const isGone = (id: string) => (push: Push) => 'gone' in push && push.c === id;

describe('presence', () => {
  it('is shown both ways when somebody joins while both are here, on whichever nodes', async () => {
    const [carol, dave] = await Promise.all([chat.signIn('carol'), chat.signIn('dave')]);
    const hers = await chat.connect(carol, { node: 0 });
    const his = await Promise.all([chat.connect(dave, { node: 1 }), chat.connect(dave, { node: 0 })]);
    for (const socket of [hers, ...his]) expect(socket.pushes.filter(({ e }) => e === 'presence')).toEqual([]);
    await conversationOf('presence', carol, dave);
    await hers.push('presence', ({ userId, status }) => userId === dave.userId && status === 'online');
    for (const socket of his) {
      await socket.push('presence', ({ userId, status }) => userId === carol.userId && status === 'online');
    }
    for (const socket of [hers, ...his]) socket.close();
  });

  it('ends for the people of a node that was killed, once it has not shown itself for 30 s', async () => {
    const [carol, eve] = await Promise.all([chat.signIn('carol'), chat.signIn('eve')]);
    await conversationOf('killed', carol, eve);
    const hers = await chat.connect(carol, { node: 0 });
    const his = await chat.connect(eve, { node: 1 });
    const isAbout = (status: string) => (push: { userId: string; status: string }) =>
      push.userId === eve.userId && push.status === status;
    await hers.push('presence', isAbout('online'));
    const nodes = (await redis.zrange('presence:nodes', '0', '-1')).map(String);
    const holds = await Promise.all(nodes.map((node) => redis.hexists(`presence:${node}`, eve.userId)));
    const dead = nodes.filter((_, place) => holds[place] === 1);
    expect(dead).toHaveLength(1);
    chat.nodes[1]?.kill();
    await his.closed;
    okOf(await hers.request('ping', {}));
    expect(hers.pushes.some((push) => push.e === 'presence' && isAbout('offline')(push))).toBe(false);
    // 26 of the 30 seconds pass at once.
    await redis.zincrby('presence:nodes', -26_000, dead[0] ?? '');
    await hers.push('presence', isAbout('offline'), 20_000);
    expect(await redis.zscore('presence:nodes', dead[0] ?? '')).toBeNull();
    await chat.nodes[1]?.start();
    hers.close();
  });
});

describe('a node that was killed and is started again', () => {
  it('lets all its sockets back at once, and shows within seconds who does not come back', async () => {
    const [carol, dave, eve] = await Promise.all(['carol', 'dave', 'eve'].map((login) => chat.signIn(login)));
    if (!carol || !dave || !eve) throw new Error('nobody is signed in');
    for (const one of [dave, eve]) await conversationOf('started again', carol, one);
    const tenOf = (node: number) => Promise.all(Array.from({ length: 10 }, () => chat.connect(carol, { node })));
    const isAbout = (person: Person, status: string) => (push: Push) =>
      push.e === 'presence' && push.userId === person.userId && push.status === status;
    const [stays, lost] = await Promise.all([tenOf(1), tenOf(0)]);
    const others = await Promise.all([dave, eve].map((one) => chat.connect(one, { node: 0 })));
    const [watching] = stays;
    for (const one of [dave, eve]) await watching?.push('presence', isAbout(one, 'online'));

    chat.nodes[0]?.kill();
    await Promise.all([...lost, ...others].map(({ closed }) => closed));
    await chat.nodes[0]?.start();
    const back = await tenOf(0);
    const daveAgain = await chat.connect(dave, { node: 0 });
    // Those of the node that lives count as before.
    expect(await chat.connect(carol, { node: 0 }).catch((error: Error) => error)).toEqual(new HandshakeRefused(429));
    await watching?.push('presence', isAbout(eve, 'offline'), 20_000);
    expect(watching?.pushes.some(isAbout(dave, 'offline'))).toBe(false);
    for (const socket of [...stays, ...back, daveAgain]) socket.close();
  });
});

describe('a deleted conversation', () => {
  it('leaves the windows of its members, and is back in them as soon as it is restored', async () => {
    const id = await settled('deleted', ann, bob);
    const [annSocket, bobSocket] = [await chat.connect(ann, { node: 0 }), await chat.connect(bob, { node: 1 })];
    const path = `/api/conversations/conversations/${id}`;
    expectStatus(await ann.call('DELETE', path), 204);
    await bobSocket.push('conversation', isGone(id));
    const isSet = (deleted: boolean) => (push: Push) =>
      'set' in push && push.c === id && push.set.deletedAt !== undefined && (push.set.deletedAt !== null) === deleted;
    await annSocket.push('conversation', isSet(true));
    expect(bobSocket.pushes.some((push) => push.e === 'lists')).toBe(false);

    expectStatus(await ann.call('POST', `${path}/restore`), 200);
    await bobSocket.push('lists');
    await annSocket.push('conversation', isSet(false));
    expect(JSON.stringify(annSocket.pushes)).not.toContain('memberIds');
    const { rev } = await post(ann, id, 'we are back');
    await bobSocket.push('message', (push) => push.c === id && push.rev === rev);
    for (const socket of [annSocket, bobSocket]) socket.close();
  });
});

describe('a head below the position of a node', () => {
  it('closes the sockets with 4010, and a resume ahead of it is answered with reset', async () => {
    const id = await settled('state lost', ann, bob);
    const socket = await chat.connect(bob, { node: 0 });
    const sent = [await post(ann, id, 'kept'), await post(ann, id, 'lost')];
    const [kept, lost] = sent;
    if (kept === undefined || lost === undefined) throw new Error('nothing sent');
    await socket.push('message', ({ c, rev }) => c === id && rev === lost.rev);
    // As if the database came back from an older copy.
    await chat.rows`DELETE FROM messages WHERE conversation_id = ${id} AND seq = ${lost.seq}`;
    await chat.rows`UPDATE heads SET head_seq = ${kept.seq}, head_rev = ${kept.rev} WHERE conversation_id = ${id}`;
    const other = await openSocket(ann, { url: `${chat.nodes[0]?.url.replace('http', 'ws')}/realtime` });
    const resuming = other.request('resume', { conversations: [[id, lost.rev]] }).catch(() => undefined);
    expect((await socket.closed).code).toBe(4010);
    await resuming;
    const back = await chat.connect(bob, { node: 0 });
    const answer = okOf<Resumed>(await back.request('resume', { conversations: [[id, lost.rev]] }));
    expect(answer.conversations).toEqual([{ c: id, reset: true, headRev: kept.rev, headSeq: kept.seq }]);
    for (const open of [other, back]) open.close();
  });
});

describe('a node that stood still', () => {
  // js-redis-server knows no CLIENT KILL TYPE.
  it.skipIf(redisServerPath() === null && process.env.CI === undefined)(
    'shows within three seconds of going on all that was said meanwhile, once and in order',
    async () => {
      const id = await settled('frozen', ann, bob);
      const socket = await chat.connect(bob, { node: 1 });
      const { rev: before } = await post(ann, id, 'before');
      await socket.push('message', ({ c, rev }) => c === id && rev === before);
      const pid = chat.nodes[1]?.pid ?? 0;
      process.kill(pid, 'SIGSTOP');
      const stopped = performance.now();
      try {
        const first = await Promise.all(range(1, 20).map((count) => post(ann, id, `heard too late ${count}`)));
        // What a node that does not read gets from Redis in the end.
        await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
        const second = await Promise.all(range(1, 20).map((count) => post(ann, id, `never published to it ${count}`)));
        const last = Math.max(...[...first, ...second].map(({ rev }) => rev));
        await eventually(() => performance.now() - stopped > 6500, { timeoutMs: 10_000 });
        process.kill(pid, 'SIGCONT');
        await eventually(() => revsOf(socket, id, before).includes(last), { timeoutMs: 3000 });
        expect(revsOf(socket, id, before)).toEqual(range(before + 1, last));
      } finally {
        process.kill(pid, 'SIGCONT');
      }
      socket.close();
    },
  );
});

describe('a node with another SHARDS than messages', () => {
  it('ends, instead of putting commands where nobody reads', async () => {
    const [node] = chat.nodes.slice(1);
    if (!node) throw new Error('no second node');
    await node.stop();
    // It may have ended before it was seen to be ready.
    await node.start({ SHARDS: '5' }).catch(() => undefined);
    await eventually(() => !isAlive(node.pid), { timeoutMs: 20_000 });
    await node.start();
    expect(isAlive(node.pid)).toBe(true);
  });
});

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
