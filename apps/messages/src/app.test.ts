import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'bun:test';
import type { Access } from '@chatapp/contract/http-conversations';
import type { OwnMessage, Receipt } from '@chatapp/contract/http-messages';
import { userIdOf } from '@chatapp/contract/ids';
import { silentLog } from '@chatapp/service/log';
import { connectRedis, redisReady } from '@chatapp/service/redis';
import { ChaosProxy } from '../../../chaos/proxy/proxy.ts';
import { eventually } from '../../../dev/testing/eventually.ts';
import { type TestIssuer, testIssuer } from '../../../dev/testing/issuer.ts';
import { type TestRedis, testRedis } from '../../../dev/testing/redis.ts';
import { listDead } from './commands/dead-letter-store.ts';
import { type TestMessages, testMessages, testShards } from './testing/database.ts';
import { type TestNode, testNode } from './testing/node.ts';
import { subjectOf, type TestService, testService } from './testing/service.ts';

interface Person {
  readonly id: string;
  readonly token: string;
}

let issuer: TestIssuer;
let redis: TestRedis;
let messages: TestMessages;
let node: TestNode;
let service: TestService;
let ann: Person;
let bob: Person;
let eve: Person;
let machine: string;
let c: string;

const redisClient = async () => {
  const client = connectRedis({ url: redis.url, role: 'commands', log: silentLog() });
  await redisReady(client);
  return client;
};

const deadCommands = async () => {
  const client = await redisClient();
  const letters = await listDead(client, 'commands');
  client.disconnect();
  return letters;
};

/** As if other instances had counted so many commands of a person in this minute and the next. */
const redisCount = async (by: Person, count: number) => {
  const client = await redisClient();
  const minute = Math.floor(Date.now() / 60_000);
  await client.mset(
    ...[minute, minute + 1].flatMap((each) => [`limit:messages:person:${by.id}:${each}`, String(count)]),
  );
  client.disconnect();
};

const signIn = async (login: string): Promise<Person> => {
  const token = await issuer.personToken(login);
  const id = await userIdOf({ issuerAlias: 'local', kind: 'user', sub: subjectOf(token) });
  return { id, token };
};

beforeAll(async () => {
  [issuer, redis, messages] = await Promise.all([testIssuer(), testRedis(), testMessages()]);
  service = await testService({ messages, redisUrl: redis.url, issuer });
  node = await testNode(redis.url, testShards);
  ann = await signIn('ann');
  bob = await signIn('bob');
  eve = await signIn('eve');
  const scopes = ['messages:heads.read', 'messages:changes.read'];
  machine = await issuer.machineToken('realtime', 'urn:chatapp:messages', scopes);
});
afterAll(async () => {
  node.close();
  service.close();
  await messages.close();
  await redis.stop();
  await issuer.stop();
});
beforeEach(() => {
  c = crypto.randomUUID();
  service.members = new Map();
  service.join(c, ann.id, 'owner');
  service.join(c, bob.id);
});

const send = (body: string, by: Person = ann, over: Record<string, unknown> = {}, instance = service) =>
  instance.call({
    ...{ method: 'POST', path: `/conversations/${c}/messages`, token: by.token },
    body: { clientId: crypto.randomUUID(), body, ...over },
  });
const get = (path: string, by: Person = ann) => service.call({ path, token: by.token });
/** The pushes of a kind that were published about a conversation. */
const pushed = (conversationId: string, kind: string) =>
  node.changes
    .map(({ frame }) => (frame === '' ? {} : JSON.parse(frame)))
    .filter(({ e, c: about }) => e === kind && about === conversationId);
const page = (query = '', by: Person = ann) => get(`/conversations/${c}/messages${query}`, by);
const seqs = (answer: { body: { items: { seq: number }[] } }) => answer.body.items.map(({ seq }) => seq);

describe('POST /conversations/:id/messages', () => {
  it('answers 201 with the message’s place, and 200 with the same to a repeat', async () => {
    const clientId = crypto.randomUUID();
    const first = await send('hello', ann, { clientId });
    expect(first).toMatchObject({ status: 201, body: { seq: 1, rev: 1 } });
    expect(await send('hello', ann, { clientId })).toMatchObject({ status: 200, body: first.body });
    expect(await send('other', ann, { clientId })).toMatchObject({ status: 409, body: { code: 'client-id-reused' } });
    expect((await page()).body.items).toMatchObject([{ id: first.body.id, body: 'hello', senderId: ann.id }]);
  });

  it('publishes after the commit', async () => {
    await send('hello');
    const told = await eventually(() => node.changes.find(({ topic }) => topic === `c:${c}`));
    expect(told).toMatchObject({ rev: 1, origin: null });
  });

  it('hides the conversation from a stranger, as one that does not exist', async () => {
    const refused = await send('hello', eve);
    expect(refused).toMatchObject({ status: 404, body: { code: 'not-found' } });
    const missing = await service.call({
      ...{ method: 'POST', path: `/conversations/${crypto.randomUUID()}/messages`, token: eve.token },
      body: { clientId: crypto.randomUUID(), body: 'x' },
    });
    expect({ ...missing.body, requestId: '' }).toEqual({ ...refused.body, requestId: '' });
  });

  it.each([
    [
      'no token',
      401,
      'token-invalid',
      () => service.call({ method: 'POST', path: `/conversations/${c}/messages`, body: {} }),
    ],
    ['a machine’s token', 403, 'forbidden', () => send('x', { id: '', token: machine })],
    ['an unknown field', 422, 'invalid', () => send('x', ann, { color: 'red' })],
    ['a client id that is no UUID', 422, 'invalid', () => send('x', ann, { clientId: 'x' })],
    ['white space', 422, 'invalid', () => send(' \n ')],
    ['a reply to nothing', 422, 'invalid', () => send('x', ann, { replyTo: 12 })],
  ])('refuses %s', async (_name, status, code, ask) => {
    expect(await ask()).toMatchObject({ status, body: { code } });
    expect((await page()).body.items).toEqual([]);
  });

  it('refuses a viewer', async () => {
    service.join(c, bob.id, 'viewer');
    expect(await send('x', bob)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect((await page('', bob)).status).toBe(200);
  });

  it('stores the normalized text', async () => {
    await send('e\u0301\r\nx');
    expect((await page()).body.items[0].body).toBe('é\nx');
  });

  it.each(['ệ', 'ᾂ', '😀'])('counts code points after NFC: %s', async (letter) => {
    expect((await send(letter.repeat(4000).normalize('NFD'))).status).toBe(201);
    expect((await page()).body.items[0].body).toBe(letter.repeat(4000));
    expect(await send(letter.repeat(4001))).toMatchObject({ status: 422, body: { code: 'invalid' } });
  });

  it('says unavailable while access cannot be known', async () => {
    service.members = undefined;
    const refused = await send('x');
    expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable', retryAfterMs: 1000 } });
    expect(refused.headers.get('retry-after')).toBe('1');
  });

  it('looks at access afresh after a loss of rights', async () => {
    await send('x', bob);
    await messages.sql`INSERT INTO losses VALUES (${c}, ${bob.id}, 7)`;
    expect((await send('x', bob)).status).toBe(503);
    service.join(c, bob.id, 'member', 8);
    expect((await send('x', bob)).status).toBe(201);
  });

  it('S43: is limited a conversation, whoever sends, with the time to wait and the limit', async () => {
    const perMinute = { messages, redisUrl: redis.url, issuer, conversationCommandsPerMinute: 12 };
    const limited = await testService(perMinute);
    limited.members = service.members;
    const ask = (by: Person, id = c) =>
      limited.call({
        ...{ method: 'POST', path: `/conversations/${id}/messages`, token: by.token },
        body: { clientId: crypto.randomUUID(), body: 'x' },
      });
    // A stranger uses up nothing of it.
    for (let times = 0; times < 3; times++) expect((await ask(eve)).status).toBe(404);
    expect([(await ask(ann)).status, (await ask(bob)).status]).toEqual([201, 201]);
    const refused = await ask(ann);
    expect(refused).toMatchObject({ status: 429, body: { code: 'rate-limited', retryAfterMs: expect.any(Number) } });
    expect(Number(refused.headers.get('retry-after'))).toBeWithin(1, 61);
    expect(refused.headers.get('ratelimit-policy')).toBe('"conversation";q=12;w=60');
    expect(refused.headers.get('ratelimit')).toMatch(/^"conversation";r=0;t=\d+$/);
    const other = crypto.randomUUID();
    service.join(other, ann.id, 'owner');
    expect((await ask(ann, other)).status).toBe(201);
    limited.close();
  });

  it('S43: is limited a person, with the time to wait, over all instances', async () => {
    const perMinute = { messages, redisUrl: redis.url, issuer, commandsPerMinute: 12 };
    const [one, two] = [await testService(perMinute), await testService(perMinute)];
    const ask = (by: Person, instance: TestService) => {
      instance.members = service.members;
      return instance.call({
        ...{ method: 'POST', path: `/conversations/${c}/messages`, token: by.token },
        body: { clientId: crypto.randomUUID(), body: 'x' },
      });
    };
    expect([(await ask(bob, one)).status, (await ask(bob, one)).status]).toEqual([201, 201]);
    const refused = await ask(bob, one);
    expect(refused).toMatchObject({ status: 429, body: { code: 'rate-limited' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('ratelimit-policy')).toBe('"person";q=12;w=60');
    expect((await ask(ann, one)).status).toBe(201);
    await redisCount(bob, 14);
    await ask(bob, two);
    // Longer than the bucket of one instance ever asks for; a minute may just be ending.
    await eventually(async () => (await ask(bob, two)).body.retryAfterMs > 5000, { timeoutMs: 15_000 });
    one.close();
    two.close();
  });

  it('needs no Redis, and the change is published when it is back', async () => {
    // Only this instance loses it: a node that had to come back itself might miss the publish.
    const { hostname, port } = new URL(redis.url);
    const targets = [{ hostname, port: Number(port) }];
    const proxy = new ChaosProxy({ targets });
    const cut = await testService({ messages, redisUrl: `redis://127.0.0.1:${proxy.port}`, issuer });
    cut.members = service.members;
    const isReady = async () => (await cut.call({ path: '/health/ready' })).status === 200;
    expect(await isReady()).toBe(true);
    proxy.targets = [];
    proxy.resetAll();
    expect((await send('while it was away', ann, {}, cut)).status).toBe(201);
    expect(await isReady()).toBe(false);
    expect(node.changes.filter(({ topic }) => topic === `c:${c}`)).toEqual([]);
    proxy.targets = targets;
    const told = await eventually(() => node.changes.find(({ topic }) => topic === `c:${c}`), { timeoutMs: 15_000 });
    expect(told.frame).toContain('while it was away');
    await eventually(isReady);
    cut.close();
    proxy.stop();
  });
});

describe('changing a message', () => {
  const change = (method: string, path: string, by: Person, over: object = {}) =>
    service.call({ method, path: `/conversations/${c}/messages/1${path}`, token: by.token, ...over });

  it('PATCH edits an own one, and a repeat under its key does not edit again', async () => {
    await send('first');
    const key = { headers: { 'idempotency-key': crypto.randomUUID() } };
    expect(await change('PATCH', '', ann, { body: { body: 'second' }, ...key })).toMatchObject({
      ...{ status: 200, body: { seq: 1, rev: 2 } },
    });
    await change('PATCH', '', ann, { body: { body: 'third' } });
    expect(await change('PATCH', '', ann, { body: { body: 'second' }, ...key })).toMatchObject({ body: { rev: 3 } });
    expect((await page()).body.items[0]).toMatchObject({ body: 'third', rev: 3 });
  });

  it('PATCH refuses others, and a key that is no UUID', async () => {
    await send('first');
    expect(await change('PATCH', '', bob, { body: { body: 'x' } })).toMatchObject({ body: { code: 'forbidden' } });
    expect(await change('PATCH', '', eve, { body: { body: 'x' } })).toMatchObject({ body: { code: 'not-found' } });
    const odd = { body: { body: 'x' }, headers: { 'idempotency-key': 'x' } };
    expect(await change('PATCH', '', ann, odd)).toMatchObject({ status: 422, body: { code: 'invalid' } });
  });

  it('DELETE leaves a tombstone; the owner may delete others’', async () => {
    await send('mine', bob);
    expect((await change('DELETE', '', eve)).status).toBe(404);
    expect((await change('DELETE', '', ann)).status).toBe(204);
    expect((await page()).body.items[0]).toMatchObject({ seq: 1, body: '' });
    expect(await change('PATCH', '', bob, { body: { body: 'x' } })).toMatchObject({
      ...{ status: 410, body: { code: 'message-deleted' } },
    });
  });

  it('PUT and DELETE set a reaction and take it back', async () => {
    await send('x');
    const path = `/reactions/${encodeURIComponent('❤️')}`;
    expect(await change('PUT', path, bob)).toMatchObject({ status: 200, body: { seq: 1, rev: 2 } });
    expect((await page()).body.items[0].reactions).toEqual([{ emoji: '❤️', count: 1, userIds: [bob.id] }]);
    expect((await change('DELETE', path, bob)).status).toBe(204);
    expect((await page()).body.items[0]).toMatchObject({ reactions: [], rev: 3 });
    expect(await change('PUT', '/reactions/x', bob)).toMatchObject({ status: 422, body: { code: 'invalid' } });
  });

  it.each(['PUT', 'DELETE'])(
    '%s refuses a reaction that the database could not hold, and sets nothing aside',
    async (method) => {
      await send('x');
      for (const emoji of ['%00', '%F0%9F%91%8D%00'])
        expect(await change(method, `/reactions/${emoji}`, bob)).toMatchObject({
          status: 422,
          body: { code: 'invalid' },
        });
      expect(await deadCommands()).toEqual([]);
    },
  );
});

describe('GET /conversations/:id/messages', () => {
  const fill = async (count: number) => {
    for (let n = 1; n <= count; n++) await send(`${n}`);
  };

  it('hobby: equal-time paging: pages by seq, so that messages of one instant are neither doubled nor skipped', async () => {
    await fill(11);
    await messages.sql`UPDATE messages SET created_at = '2026-01-01T00:00:00Z' WHERE conversation_id = ${c}`;
    const found: number[][] = [];
    let next = '';
    do {
      const answer = await page(`?limit=4${next && `&before=${next}`}`);
      found.push(seqs(answer));
      next = answer.body.next;
    } while (next !== null);
    expect(found).toEqual([
      [8, 9, 10, 11],
      [4, 5, 6, 7],
      [1, 2, 3],
    ]);
  });

  it('goes forward with after, and shows what is around a seq', async () => {
    await fill(9);
    const forward = await page('?after=3&limit=4');
    expect(seqs(forward)).toEqual([4, 5, 6, 7]);
    const rest = await page(`?after=${forward.body.next}&limit=4`);
    expect(seqs(rest)).toEqual([8, 9]);
    expect(rest.body.next).toBeNull();
    expect(seqs(await page('?around=5&limit=4'))).toEqual([3, 4, 5, 6]);
    expect(seqs(await page('?around=1&limit=4'))).toEqual([1, 2]);
    expect(seqs(await page('?before=999&limit=2'))).toEqual([8, 9]);
    expect(seqs(await page('?after=99'))).toEqual([]);
    expect((await page('?after=99')).body).toMatchObject({ headSeq: 9, headRev: 9, next: null });
  });

  it('is empty where nothing was written', async () => {
    expect((await page()).body).toEqual({ items: [], next: null, headSeq: 0, headRev: 0 });
  });

  it.each(['?limit=0', '?limit=101', '?limit=x', '?before=0', '?after=-1', '?before=1&after=1', '?cursor=x'])(
    'refuses %s',
    async (query) => {
      expect(await page(query)).toMatchObject({ status: 422, body: { code: 'invalid' } });
    },
  );

  it('is hidden from strangers and from who has left', async () => {
    await fill(1);
    expect((await page('', eve)).status).toBe(404);
    service.members?.delete(`${c} ${bob.id}`);
    expect((await page('', bob)).status).toBe(404);
  });
});

describe('GET /conversations/:id/changes', () => {
  it('shows each changed message once, in its present state, in rev order', async () => {
    for (let n = 1; n <= 5; n++) await send(`${n}`);
    const path = `/conversations/${c}/messages/2`;
    await service.call({ method: 'PATCH', path, token: ann.token, body: { body: 'two' } });
    await service.call({ method: 'PATCH', path, token: ann.token, body: { body: 'TWO' } });
    const all = await get(`/conversations/${c}/changes?after=0`);
    expect(all.body).toMatchObject({ after: 0, to: 7, headRev: 7 });
    expect(all.body.changes.map(({ seq, rev }: { seq: number; rev: number }) => [seq, rev])).toEqual([
      [1, 1],
      [3, 3],
      [4, 4],
      [5, 5],
      [2, 7],
    ]);
    expect((await get(`/conversations/${c}/changes?after=7`)).body).toMatchObject({ changes: [], to: 7 });
  });

  it('is cut into pages that lead to the head without a hole', async () => {
    for (let n = 1; n <= 7; n++) await send(`${n}`);
    await service.call({ method: 'DELETE', path: `/conversations/${c}/messages/4`, token: ann.token });
    const found: number[] = [];
    let after = 0;
    for (;;) {
      const { body } = await get(`/conversations/${c}/changes?after=${after}&limit=3`);
      expect(body.changes.length).toBeLessThanOrEqual(3);
      found.push(...body.changes.map(({ rev }: { rev: number }) => rev));
      after = body.to;
      if (after === body.headRev) break;
    }
    expect(found).toEqual([1, 2, 3, 5, 6, 7, 8]);
  });

  it('says where a client is ahead of the head', async () => {
    await send('x');
    expect((await get(`/conversations/${c}/changes?after=9`)).body).toEqual({
      changes: [],
      after: 9,
      to: 1,
      headRev: 1,
    });
  });

  it('is hidden from strangers', async () => {
    expect((await get(`/conversations/${c}/changes?after=0`, eve)).status).toBe(404);
  });
});

describe('GET /me/messages', () => {
  const own = async (by: Person, limit: number) => {
    const items: OwnMessage[] = [];
    const sizes: number[] = [];
    for (let cursor = ''; ; ) {
      const { status, body } = await get(`/me/messages?limit=${limit}${cursor}`, by);
      expect(status).toBe(200);
      items.push(...body.items);
      sizes.push(body.items.length);
      if (body.next === null) return { items, sizes };
      cursor = `&cursor=${body.next}`;
    }
  };
  const told = (items: readonly OwnMessage[]) =>
    items
      .map(({ conversationId, seq, body }) => `${[c, other].indexOf(conversationId)} ${seq} ${body}`)
      .sort((left, right) => left.localeCompare(right, 'en', { numeric: true }));
  let other = '';
  beforeEach(async () => {
    await messages.sql`DELETE FROM messages`;
    other = crypto.randomUUID();
    service.join(other, bob.id);
    const asBob = (seq: number, method: string, body?: unknown) =>
      service.call({ method, path: `/conversations/${c}/messages/${seq}`, token: bob.token, body });
    for (const word of ['a', 'b', 'c', 'd', 'e']) await send(word, bob);
    await send('of ann');
    await send('reply', bob, { replyTo: 6 });
    await asBob(2, 'DELETE');
    await asBob(3, 'PATCH', { body: 'C' });
    const path = `/conversations/${other}/messages`;
    for (const word of ['x', 'y'])
      await service.call({
        method: 'POST',
        path,
        token: bob.token,
        body: { clientId: crypto.randomUUID(), body: word },
      });
  });
  const ofBob = ['0 1 a', '0 3 C', '0 4 d', '0 5 e', '0 7 reply', '1 1 x', '1 2 y'];

  it.each([1, 2, 3, 6, 7, 50])('gives each of my texts once, in pages of %i, and nobody else’s', async (limit) => {
    const { items, sizes } = await own(bob, limit);
    expect(told(items)).toEqual(ofBob);
    expect(sizes).toHaveLength(Math.ceil(ofBob.length / limit));
    expect(told((await own(ann, limit)).items)).toEqual(['0 6 of ann']);
    expect((await own(eve, limit)).items).toEqual([]);
  });

  it('gives them whole, also to who is no member any more', async () => {
    service.members?.clear();
    const { items } = await own(bob, 50);
    expect(told(items)).toEqual(ofBob);
    const reply = items.find(({ seq }) => seq === 7);
    expect(reply).toEqual({
      ...{ conversationId: c, seq: 7, id: expect.any(String), body: 'reply', replyTo: 6 },
      ...{ createdAt: expect.any(String), editedAt: null },
    });
    expect(items.find(({ body }) => body === 'C')?.editedAt).not.toBeNull();
  });

  it('refuses who is nobody, a machine, and a cursor that is not ours', async () => {
    expect((await service.call({ path: '/me/messages' })).status).toBe(401);
    expect((await service.call({ path: '/me/messages', token: machine })).status).toBe(403);
    for (const query of ['cursor=x', `cursor=${btoa('["a","b"]')}`, 'limit=501', 'limit=0', 'of=me']) {
      expect((await get(`/me/messages?${query}`, bob)).body).toMatchObject({ status: 422, code: 'invalid' });
    }
  });
});

describe('GET /me/reactions and /me/read-markers', () => {
  const pages = async (path: string, by: Person, limit: number) => {
    const items: object[] = [];
    const sizes: number[] = [];
    for (let cursor = ''; ; ) {
      const { status, headers, body } = await get(`${path}?limit=${limit}${cursor}`, by);
      expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
      items.push(...body.items);
      sizes.push(body.items.length);
      if (body.next === null) return { items, sizes };
      cursor = `&cursor=${body.next}`;
    }
  };
  const react = (by: Person, conversationId: string, seq: number, emoji: string) => {
    const path = `/conversations/${conversationId}/messages/${seq}/reactions/${encodeURIComponent(emoji)}`;
    return service.call({ method: 'PUT', path, token: by.token });
  };
  const readTo = (by: Person, conversationId: string, body: object) =>
    service.call({ method: 'PUT', path: `/conversations/${conversationId}/read`, token: by.token, body });
  let places: string[] = [];
  beforeEach(async () => {
    for (const table of ['messages', 'reactions', 'read_markers', 'heads'])
      await messages.sql.unsafe(`DELETE FROM ${table}`);
    const other = crypto.randomUUID();
    service.join(other, ann.id);
    service.join(other, bob.id);
    places = [c, other].sort();
    for (const id of places) {
      for (const word of ['a', 'b', 'c']) {
        const body = { clientId: crypto.randomUUID(), body: word };
        await service.call({ method: 'POST', path: `/conversations/${id}/messages`, token: ann.token, body });
      }
    }
    const [first = '', second = ''] = places;
    for (const [id, seq, emoji] of [
      [first, 1, '👍'],
      [first, 1, '🎉'],
      [first, 3, '👍'],
      [second, 2, '🎉'],
    ] as const) {
      expect((await react(bob, id, seq, emoji)).status).toBe(200);
    }
    await react(ann, second, 1, '👍');
    expect((await readTo(bob, first, { seq: 2 })).status).toBe(200);
    expect((await readTo(bob, second, { markedUnread: true })).status).toBe(200);
  });

  it.each([1, 2, 3, 4, 50])('give each of mine once, in pages of %i, and nobody else’s', async (limit) => {
    const [first = '', second = ''] = places;
    const mine = (items: object[]) => items.map((item) => Object.values(item).join(' ')).sort();
    const reactions = await pages('/me/reactions', bob, limit);
    expect(mine(reactions.items)).toEqual([`${first} 1 👍`, `${first} 1 🎉`, `${first} 3 👍`, `${second} 2 🎉`].sort());
    expect(reactions.sizes).toHaveLength(Math.ceil(4 / limit));
    expect((await pages('/me/reactions', ann, limit)).items).toEqual([{ conversationId: second, seq: 1, emoji: '👍' }]);
    const markers = await pages('/me/read-markers', bob, limit);
    expect(markers.items).toEqual([
      { conversationId: first, seq: 2, markedUnread: false },
      { conversationId: second, seq: expect.any(Number), markedUnread: true },
    ]);
    expect(markers.sizes).toHaveLength(Math.ceil(2 / limit));
    for (const path of ['/me/reactions', '/me/read-markers']) expect((await pages(path, eve, limit)).items).toEqual([]);
  });

  it('give them also to who is no member any more', async () => {
    service.members?.clear();
    expect((await pages('/me/reactions', bob, 50)).items).toHaveLength(4);
    expect((await pages('/me/read-markers', bob, 50)).items).toHaveLength(2);
  });

  it.each(['/me/reactions', '/me/read-markers'])(
    '%s refuses who is nobody, a machine, and a cursor that is not ours',
    async (path) => {
      expect((await service.call({ path })).status).toBe(401);
      expect((await service.call({ path, token: machine })).status).toBe(403);
      for (const query of ['cursor=x', `cursor=${btoa('["a","b"]')}`, 'limit=501', 'limit=0', 'of=me']) {
        expect((await get(`${path}?${query}`, bob)).body).toMatchObject({ status: 422, code: 'invalid' });
      }
    },
  );
});

describe('GET /unread and PUT /conversations/:id/read', () => {
  const read = (body: unknown, by: Person, key?: string) => {
    const headers = key === undefined ? {} : { 'idempotency-key': key };
    return service.call({ method: 'PUT', path: `/conversations/${c}/read`, token: by.token, body, headers });
  };

  it('does not flag again what was read since, where a request comes twice', async () => {
    await send('a');
    const key = crypto.randomUUID();
    for (const [body, by] of [
      [{ markedUnread: true }, key],
      [{ seq: 1 }, crypto.randomUUID()],
      [{ markedUnread: true }, key],
    ] as const)
      expect(await read(body, bob, by)).toMatchObject({ status: 200, body: {} });
    expect((await get('/unread', bob)).body.items[0]).toMatchObject({ lastReadSeq: 1, markedUnread: false });
  });

  it('counts what others wrote since, and mentions', async () => {
    await send('a');
    await send(`<@${bob.id}>`);
    const row = { conversationId: c, headSeq: 2, lastReadSeq: 0, unread: 2, mentions: 1, markedUnread: false };
    expect((await get('/unread', bob)).body).toEqual({ items: [row], next: null });
    expect(await read({ seq: 2 }, bob)).toMatchObject({ status: 200, body: {} });
    expect((await get('/unread', bob)).body.items).toEqual([{ ...row, lastReadSeq: 2, unread: 0, mentions: 0 }]);
    await read({ markedUnread: true }, bob);
    expect((await get('/unread', bob)).body.items[0]).toMatchObject({ lastReadSeq: 2, markedUnread: true });
    expect((await get('/unread', eve)).body.items).toEqual([]);
  });

  it('GET /receipts shows how far each has read, where the conversation shows it', async () => {
    const show = (access: Partial<Access>) => {
      for (const { id } of [ann, bob])
        service.members?.set(`${c} ${id}`, {
          ...{ role: 'member', version: 1, memberCount: 2, receipts: true },
          ...access,
        });
    };
    const readers = async () => {
      const { status, body } = await get(`/conversations/${c}/receipts`, bob);
      expect(status).toBe(200);
      return body.items.toSorted((one: Receipt, other: Receipt) => one.seq - other.seq);
    };
    show({});
    await send('a');
    await send('b');
    await read({ seq: 1 }, bob);
    await read({ markedUnread: true }, bob);
    expect(await readers()).toEqual([
      { userId: bob.id, seq: 1 },
      { userId: ann.id, seq: 2 },
    ]);
    expect((await get(`/conversations/${c}/receipts`, eve)).status).toBe(404);
    await eventually(() => pushed(c, 'read').length === 3);
    expect(pushed(c, 'read')).toEqual([
      { e: 'read', c, userId: bob.id, seq: 1, markedUnread: false },
      // To the others, and without the flag; the flag alone is nobody else's.
      { e: 'read', c, userId: bob.id, seq: 1 },
      { e: 'read', c, userId: bob.id, seq: 1, markedUnread: true },
    ]);
    show({ receipts: false });
    expect(await readers()).toEqual([]);
    show({ memberCount: 201 });
    expect(await readers()).toEqual([]);
  });

  it('refuses strangers and half bodies', async () => {
    expect((await read({ seq: 1 }, eve)).status).toBe(404);
    for (const body of [{}, { seq: 1, markedUnread: true }, { seq: -1 }])
      expect((await read(body, bob)).status).toBe(422);
  });
});

describe('POST /internal', () => {
  const ask = (path: string, body: unknown, token = machine) => service.call({ method: 'POST', path, token, body });

  it('/heads answers a head for each conversation, and the number of shards', async () => {
    await send('x');
    const other = crypto.randomUUID();
    expect((await ask('/internal/heads', { ids: [other, c] })).body).toEqual({
      items: [
        { id: other, headSeq: 0, headRev: 0 },
        { id: c, headSeq: 1, headRev: 1 },
      ],
      shards: testShards,
    });
  });

  it('/changes answers pages in the order asked', async () => {
    await send('a');
    await send('b');
    const other = crypto.randomUUID();
    const wanted = [
      [other, 0],
      [c, 1],
      [c, 0],
    ];
    const { body } = await ask('/internal/changes', { conversations: wanted });
    expect(
      body.items.map(({ changes, ...page }: { changes: unknown[] }) => ({ ...page, count: changes.length })),
    ).toEqual([
      { id: other, after: 0, to: 0, headRev: 0, count: 0 },
      { id: c, after: 1, to: 2, headRev: 2, count: 1 },
      { id: c, after: 0, to: 2, headRev: 2, count: 2 },
    ]);
  });

  it('is closed to people, to other audiences and without the scope', async () => {
    expect(await ask('/internal/heads', { ids: [] }, ann.token)).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    const narrow = await issuer.machineToken('realtime', 'urn:chatapp:messages', ['messages:changes.read']);
    expect(await ask('/internal/heads', { ids: [] }, narrow)).toMatchObject({ status: 403, body: { code: 'scope' } });
    const elsewhere = await issuer.machineToken('realtime', 'urn:chatapp:conversations', ['conversations:access.read']);
    expect(await ask('/internal/heads', { ids: [] }, elsewhere)).toMatchObject({ status: 401 });
  });
});

describe('every route', () => {
  const open = [
    '/health/live',
    '/health/ready',
    '/metrics',
    '/swagger',
    '/swagger/json',
    '/swagger/assets/:file',
    '/swagger/assets/init.js',
  ];

  it('refuses who shows no token', async () => {
    const routes = service.app.routes.filter(({ path }) => !open.includes(path));
    expect(routes.length).toBeGreaterThan(10);
    for (const { method, path } of routes) {
      const real = path.replace(':id', c).replace(':seq', '1').replace(':emoji', 'x');
      const answer = await service.call({
        method,
        path: real,
        ...(method === 'GET' || method === 'DELETE' ? {} : { body: {} }),
      });
      expect({ method, path, status: answer.status }).toEqual({ method, path, status: 401 });
    }
  });

  it('S29, S39: refuses a field that it does not know, also where it takes none', async () => {
    await send('x');
    const bodies: Record<string, object> = {
      'POST /conversations/:id/messages': { clientId: crypto.randomUUID(), body: 'x' },
      'PATCH /conversations/:id/messages/:seq': { body: 'y' },
      'PUT /conversations/:id/messages/:seq/reactions/:emoji': {},
      'PUT /conversations/:id/read': { seq: 1 },
      'POST /internal/heads': { ids: [] },
      'POST /internal/changes': { conversations: [] },
    };
    const routes = service.app.routes.filter(({ method }) => ['POST', 'PUT', 'PATCH'].includes(method));
    expect(routes.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(Object.keys(bodies).sort());
    for (const { method, path } of routes) {
      const token = path.startsWith('/internal') ? machine : ann.token;
      const ask = (more: object) =>
        service.call({
          ...{ method, token, path: path.replace(':id', c).replace(':seq', '1').replace(':emoji', '%F0%9F%91%8D') },
          body: { ...bodies[`${method} ${path}`], ...more },
        });
      for (const more of [{ x: 1 }, { role: 'owner' }]) {
        expect([path, (await ask(more)).status]).toEqual([path, 422]);
      }
      expect((await ask({})).status).toBeLessThan(300);
    }
  });

  it('has a summary in the documentation', async () => {
    const { body } = await service.call({ path: '/swagger/json' });
    const operations = Object.entries<Record<string, { summary?: string }>>(body.paths).flatMap(([path, methods]) =>
      Object.values(methods).map(({ summary }) => ({ path, summary })),
    );
    for (const { path, summary } of operations.filter(({ path }) => !path.startsWith('/health'))) {
      expect({ path, summary }).toMatchObject({ path, summary: expect.any(String) });
    }
  });
});
