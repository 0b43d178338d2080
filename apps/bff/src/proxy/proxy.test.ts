import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'bun:test';
import type { SignedInUser } from '@chatapp/contract/http-bff';
import type { Problem } from '@chatapp/contract/problem';
import { freePort } from '../../../../dev/ports.ts';
import { type Browser, type Stand, startStand } from '../../testing/harness.ts';
import { rogueStand } from '../../testing/rogue-sign-in.ts';

let stand: Stand;
let ann: Browser;
beforeAll(async () => {
  stand = await startStand({ env: { REQUEST_DEADLINE_MS: '3000' } });
  ann = await stand.signIn('ann');
}, 60_000);
afterAll(() => stand.stop());
beforeEach(() => stand.mirror.clear());

const path = '/api/messages/conversations/1';
const codeOf = async (response: Response) => ((await response.json()) as Problem).code;
/** Those of people: the sign-in itself tells the directory of somebody with the BFF's own. */
const tokensSeen = () =>
  stand.mirror.seen
    .filter((seen) => seen.path.startsWith('/conversations/'))
    .flatMap(({ headers }) => headers.authorization ?? []);
const last = () => stand.mirror.seen.at(-1);

describe('the way up', () => {
  it('removes the prefix and keeps query, method and body', async () => {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      const body = method === 'GET' ? {} : { body: '{"a":"ü"}', headers: { 'content-type': 'application/json' } };
      const response = await ann.call(method, `${path}/messages?after=1&x=%C3%BC`, body);
      expect(await response.json()).toEqual({ mirrored: method === 'GET' ? '' : '{"a":"ü"}' });
      expect(last()).toMatchObject({ method, path: '/conversations/1/messages?after=1&x=%C3%BC' });
    }
    expect((await ann.call('HEAD', path)).status).toBe(200);
  });

  it('S14: carries the access token in place of the cookie, and no other header that a browser makes up', async () => {
    const poison = {
      authorization: 'Bearer mine',
      // Another one is refused.
      'page-user': ((await (await ann.call('GET', '/bff/user')).json()) as SignedInUser).user.id,
      'x-user-id': 'eve',
      'X-User-Roles': 'owner',
      'x-forwarded-for': '1.2.3.4',
      'x-forwarded-host': 'evil.example',
      'X-Forwarded-Proto': 'https',
      'x-forwarded-port': '1',
      'x-forwarded-prefix': '/x',
      'x-real-ip': '1.2.3.4',
      forwarded: 'for=1.2.3.4',
      'x-original-url': '/internal',
      'x-rewrite-url': '/internal',
      'x-http-method-override': 'DELETE',
      'x-method-override': 'DELETE',
      'proxy-authorization': 'Basic x',
      'proxy-connection': 'x',
      te: 'trailers',
      trailer: 'x',
      via: '1.1 x',
      'x-csrf': '1',
      'x-host': 'evil.example',
      'x-client-ip': '1.2.3.4',
      'cf-connecting-ip': '1.2.3.4',
      'true-client-ip': '1.2.3.4',
      'x-api-key': 'x',
      'x-debug': '1',
      'sec-fetch-site': 'same-origin',
      referer: 'https://evil.example',
      'x-middleware-subrequest': 'x',
      'x-scope': 'all',
    };
    await ann.call('GET', path, { headers: poison });
    const headers = last()?.headers ?? {};
    const allowed = [
      'accept',
      'accept-encoding',
      'accept-language',
      'authorization',
      'connection',
      'host',
      'traceparent',
      'user-agent',
      'x-request-id',
    ];
    expect(Object.keys(headers).filter((name) => !allowed.includes(name))).toEqual([]);
    expect(headers.authorization).toMatch(/^Bearer eyJ/);
    expect(headers['user-agent']).toStartWith('Bun/');
    expect(JSON.stringify(headers)).not.toContain('session');
  });

  it('lets a well-formed trace go on and begins one otherwise', async () => {
    const given = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    await ann.call('GET', path, { headers: { traceparent: given } });
    expect(last()?.headers.traceparent).toBe(given);
    await ann.call('GET', path, { headers: { traceparent: '00-zz' } });
    expect(last()?.headers.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  });

  it('names what it may send twice, so that a service knows the repeat', async () => {
    const keys = () => stand.mirror.seen.map(({ headers }) => headers['idempotency-key']);
    for (const method of ['PUT', 'DELETE']) {
      stand.mirror.clear();
      stand.mirror.answer(
        () => new Response(null, { status: 503 }),
        () => new Response(null, { status: 204 }),
      );
      expect((await ann.call(method, path)).status).toBe(204);
      const [first, second] = keys();
      expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
      expect(second).toBe(first);
    }
    stand.mirror.clear();
    await ann.call('PUT', path, { headers: { 'idempotency-key': 'own' } });
    for (const method of ['GET', 'POST', 'PATCH']) await ann.call(method, path);
    expect(keys()).toEqual(['own', undefined, undefined, undefined]);
  });

  it('S44: takes 64 KB and not a byte more, told or counted', async () => {
    expect((await ann.call('POST', path, { body: 'x'.repeat(65_536) })).status).toBe(200);
    const told = await ann.call('POST', path, { body: 'x'.repeat(65_537) });
    expect([told.status, await codeOf(told)]).toEqual([413, 'too-large']);
    const piece = new Uint8Array(16_384);
    const pieces = new ReadableStream<Uint8Array>({
      start: (controller) => {
        for (let count = 0; count < 5; count++) controller.enqueue(piece);
        controller.close();
      },
    });
    const counted = await ann.call('POST', path, { body: pieces, duplex: 'half' } as RequestInit);
    expect([counted.status, await codeOf(counted)]).toEqual([413, 'too-large']);
  });

  it('refuses what is packed: it could not be counted', async () => {
    const response = await ann.call('POST', `${path}/packed`, {
      body: Bun.gzipSync('x'),
      headers: { 'content-encoding': 'gzip' },
    });
    expect(response.status).toBe(415);
    expect(stand.mirror.seen.filter((seen) => seen.path.endsWith('/packed'))).toEqual([]);
  });

  it('S17: reaches nothing that services keep to themselves, and no other service', async () => {
    for (const rest of ['internal/users/1', 'metrics', 'health/ready', 'swagger/json', '%69nternal/heads']) {
      expect([rest, (await ann.call('GET', `/api/conversations/${rest}`)).status]).toEqual([rest, 404]);
    }
    for (const other of ['/api/realtime/x', '/api/bff/x', '/api/x', '/api', '/api/conversationsx/1']) {
      expect([other, (await ann.call('GET', other)).status]).toEqual([other, 404]);
    }
    expect(stand.mirror.seen).toEqual([]);
  });

  it.each(['TRACE', 'OPTIONS', 'PROPFIND', 'LOCK'])('S17: does not pass %s on', async (method) => {
    const response = await ann.call(method, path);
    expect(response.status).toBe(405);
    expect(stand.mirror.seen).toEqual([]);
  });
});

describe('faults of a service', () => {
  const fail = (status: number) => () => new Response(null, { status });
  const fine = () => new Response('fine');

  it.each(['GET', 'PUT', 'DELETE'])('hobby: 5xx not retried: a %s is tried again', async (method) => {
    stand.mirror.answer(fail(503), fail(500), fine);
    const response = await ann.call(method, path, method === 'PUT' ? { body: '{"a":1}' } : {});
    expect([response.status, await response.text()]).toEqual([200, 'fine']);
    expect(stand.mirror.seen).toHaveLength(3);
  });

  it.each(['POST', 'PATCH'])('sends a %s once', async (method) => {
    stand.mirror.answer(fail(503), fine);
    expect((await ann.call(method, path, { body: '{}' })).status).toBe(503);
    expect(stand.mirror.seen).toHaveLength(1);
  });

  it('asks another instance where none was reached, also for a POST with its whole body', async () => {
    const dead = `http://127.0.0.1:${await freePort()}`;
    const instance = await stand.another({ MESSAGES_URL: `${dead},${stand.mirror.url}` });
    for (let count = 0; count < 4; count++) {
      const response = await ann.call('POST', path, { at: instance.url, body: '{"n":1}' });
      expect([response.status, await response.json()]).toEqual([200, { mirrored: '{"n":1}' }]);
    }
  });

  it('says 502 where there is none, then 503 while it is left alone', async () => {
    const instance = await stand.another({ MESSAGES_URL: `http://127.0.0.1:${await freePort()}` });
    const statuses: number[] = [];
    const codes = new Set<string>();
    for (let count = 0; count < 4; count++) {
      const response = await ann.call('POST', path, { at: instance.url, body: '{}' });
      statuses.push(response.status);
      codes.add(await codeOf(response));
      expect(response.headers.get('content-type')).toBe('application/problem+json');
    }
    expect(statuses[0]).toBe(502);
    expect(statuses.at(-1)).toBe(503);
    expect([...codes]).toEqual(['upstream-unreachable', 'unavailable']);
  });

  it('says 504 where it does not answer in time', async () => {
    const instance = await stand.another({ REQUEST_DEADLINE_MS: '300' });
    stand.mirror.answer(() => new Promise<Response>(() => undefined));
    const response = await ann.call('POST', path, { at: instance.url, body: '{}' });
    expect([response.status, await codeOf(response)]).toEqual([504, 'upstream-timeout']);
  });

  it('does not take a refused token for a signed-out person, nor asks the issuer for another one again and again', async () => {
    stand.mirror.answer(fail(401));
    const bob = await stand.signIn('bob');
    for (let count = 0; count < 3; count++) expect((await bob.call('GET', path)).status).toBe(502);
    expect(new Set(tokensSeen()).size).toBe(2);
    expect((await bob.call('GET', '/bff/user')).status).toBe(200);
  });

  it('does not end the session of who has no refresh token for it', async () => {
    const { rogue, signIn } = await rogueStand(stand);
    const dave = await signIn({ tokens: { refresh_token: undefined } });
    stand.mirror.answer(fail(401));
    expect((await dave.call('GET', path)).status).toBe(502);
    expect((await dave.call('GET', '/bff/user')).status).toBe(200);
    await rogue.stop();
  });

  it('logs no secret that a path holds, as that of an invitation link', async () => {
    const secret = `Aa-_${'7'.repeat(39)}`;
    const instance = await stand.another({ REQUEST_DEADLINE_MS: '300' });
    stand.mirror.answer(() => new Promise<Response>(() => undefined));
    const answer = await ann.call('GET', `/api/conversations/invitations/token/${secret}`, { at: instance.url });
    expect(answer.status).toBe(504);
    const own = instance.logged.filter((line) => line.includes(answer.headers.get('x-request-id') ?? '?'));
    expect(own.join()).toContain('/api/conversations/invitations/token/…');
    expect(instance.logged.join()).not.toContain(secret);
  });

  it.each(['GET', 'POST'])(
    'F40: sends a %s again with another token where the first one is not accepted',
    async (method) => {
      const carol = await stand.signIn('carol');
      const send = () => carol.call(method, path, method === 'GET' ? {} : { body: '{"n":1}' });
      expect((await send()).status).toBe(200);
      const [withdrawn] = tokensSeen();
      stand.mirror.clear();
      stand.mirror.answer(async (request) => {
        if (request.headers.get('authorization') === withdrawn) return new Response(null, { status: 401 });
        return new Response(await request.text());
      });
      // Side by side, as a page asks: one renewal is for all of them.
      const answers = await Promise.all(Array.from({ length: 6 }, send));
      expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
      for (const answer of answers) expect(await answer.text()).toBe(method === 'GET' ? '' : '{"n":1}');
      expect(new Set(tokensSeen()).size).toBe(2);
      expect((await send()).status).toBe(200);
      expect(tokensSeen().at(-1)).not.toBe(withdrawn);
    },
  );
});
