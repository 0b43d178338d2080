import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'bun:test';
import { createServer, type Server, type Socket } from 'node:net';
import { decodeJwt } from 'jose';
import { type Browser, type Stand, startStand } from '../../testing/harness.ts';
import type { ProxyRoute, TokenNeed } from './routes.ts';
import { proxyRoutes } from './routes.ts';

const [usual] = proxyRoutes;
const route = (prefix: string, more: Partial<ProxyRoute>): ProxyRoute => {
  if (usual === undefined) throw new Error('there are no routes');
  return { ...usual, prefix, ...more };
};
const scopes = ['conversations:users.write'] as const;
const routes: readonly ProxyRoute[] = [
  ...(['none', 'user', 'machine', 'user-or-machine'] satisfies TokenNeed[]).map((token) =>
    route(`/api/${token}`, { token, scopes }),
  ),
  route('/api/few', { token: 'none', requestsPerMinute: 3 }),
  route('/api/small', { token: 'none', methods: ['GET', 'POST'], bodyBytesMax: 10 }),
  route('/api/once', { token: 'none', retry: 'never' }),
  route('/api/once-by-hand', { token: 'none', retry: 'never', service: 'messages' }),
  route('/api/silent', {
    token: 'none',
    service: 'messages',
    timeouts: { connectMs: 1000, firstByteMs: 5000, onceMs: 5000, uploadMs: 5000, activityMs: 1000 },
  }),
];

let stand: Stand;
let ann: Browser;
/** Speaks HTTP by hand, so that it can break it. */
let service: Server;
let speak: (socket: Socket) => void = () => undefined;
beforeAll(async () => {
  service = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (data) => {
      // The health check is not what this is about.
      if (data.toString().startsWith('GET /health')) socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      else speak(socket);
    });
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const { port } = service.address() as { port: number };
  stand = await startStand({ proxyRoutes: routes, env: { MESSAGES_URL: `http://127.0.0.1:${port}` } });
  ann = await stand.signIn('ann');
}, 60_000);
afterAll(async () => {
  await stand.stop();
  service.close();
});
beforeEach(() => stand.mirror.clear());

/** With `X-CSRF` and without a cookie. */
const signedOut = (path: string, init: RequestInit = {}) =>
  fetch(`${stand.url}${path}`, { ...init, headers: { 'x-csrf': '1', 'content-type': 'application/json' } });
/** Whose token the service saw: a person's, this app's own, nobody's. */
const tokenSeen = (): string => {
  const token = stand.mirror.seen.at(-1)?.headers.authorization?.slice(7);
  if (token === undefined) return 'none';
  const { aud, scope } = decodeJwt(token);
  return aud === 'urn:chatapp:conversations' && scope === scopes[0] ? 'machine' : 'user';
};

describe('a row of the table of routes', () => {
  it.each<[TokenNeed, string, string]>([
    ['none', 'none', 'none'],
    ['user', 'user', '401'],
    ['machine', 'machine', 'machine'],
    ['user-or-machine', 'user', 'machine'],
  ])('with the token need "%s" gives who is signed in %s, and who is not %s', async (need, asAnn, asNobody) => {
    expect((await ann.call('GET', `/api/${need}/x`)).status).toBe(200);
    expect(tokenSeen()).toBe(asAnn);
    stand.mirror.clear();
    const { status } = await signedOut(`/api/${need}/x`);
    expect(status === 200 ? tokenSeen() : String(status)).toBe(asNobody);
    if (status !== 200) expect(stand.mirror.seen).toEqual([]);
    expect(stand.mirror.seen.some(({ headers }) => 'cookie' in headers)).toBe(false);
  });

  it("S25: asks with another token of this app's own where the one that it had is not accepted, and not again and again", async () => {
    const send = () => signedOut('/api/machine/x', { method: 'POST', body: '{"n":1}' });
    const tokens = () => [...new Set(stand.mirror.seen.map(({ headers }) => headers.authorization))];
    expect((await send()).status).toBe(200);
    const [withdrawn] = tokens();
    stand.mirror.answer(async (request) => {
      if (request.headers.get('authorization') === withdrawn) return new Response(null, { status: 401 });
      return new Response(await request.text());
    });
    const answers = await Promise.all(Array.from({ length: 6 }, send));
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(Array(6).fill('{"n":1}'));
    expect(tokens()).toHaveLength(2);
    stand.mirror.answer(() => new Response(null, { status: 401 }));
    for (let count = 0; count < 3; count++) expect((await send()).status).toBe(502);
    expect(tokens()).toHaveLength(2);
  });

  it('has its own limits of rate, of body and of methods', async () => {
    const statuses = [];
    for (let count = 0; count < 4; count++) statuses.push((await signedOut('/api/few/x')).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    expect((await signedOut('/api/few/x')).headers.get('ratelimit-policy')).toStartWith('"route";q=3');
    expect((await signedOut('/api/none/x')).status).toBe(200);
    const post = async (body: string) => (await signedOut('/api/small/x', { method: 'POST', body })).status;
    expect([await post('1234567890'), await post('12345678901')]).toEqual([200, 413]);
    expect((await signedOut('/api/small/x', { method: 'DELETE' })).status).toBe(405);
  });

  it.each([
    ['idempotent', 'again', '/api/none/x', [503, 200]],
    ['never', 'no second time', '/api/once/x', [503]],
  ] as const)('with the retry "%s" is sent %s where its service has no time', async (_retry, _again, path, answers) => {
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) {
      const given: number[] = [];
      const answering = (status: number) => () => {
        given.push(status);
        return new Response(null, { status });
      };
      stand.mirror.answer(answering(503), answering(200));
      const { status } = await signedOut(path, { method, ...(method === 'PUT' ? { body: '{}' } : {}) });
      expect([method, given, status]).toEqual([method, [...answers], answers.at(-1) ?? 0]);
    }
  });

  it('with the retry "never" takes no kept connection, which its service may close with the request on it', async () => {
    const asked: string[] = [];
    speak = (socket) => {
      asked.push('a new connection');
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      socket.once('data', () => {
        asked.push('a kept connection');
        socket.destroy();
      });
    };
    for (const method of ['GET', 'PUT', 'DELETE', 'GET'])
      expect((await signedOut('/api/once-by-hand/x', { method })).status).toBe(200);
    expect(asked).toEqual(Array(4).fill('a new connection'));
  });
});

describe('an answer that a service does not end', () => {
  const begin = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n';
  /** What a browser makes of it: an error, or a whole text that is none. */
  const read = async () => {
    const response = await signedOut('/api/silent/x');
    expect(response.status).toBe(200);
    return await response.text().then(
      (text) => `whole: ${text}`,
      () => 'broken off',
    );
  };

  it.each([
    ['of a told length', `${begin}content-length: 1000\r\n\r\nhalf of it`],
    ['in chunks', `${begin}transfer-encoding: chunked\r\n\r\na\r\nhalf of it\r\n`],
  ])('%s is broken off for the browser too, and never looks whole', async (_how, bytes) => {
    speak = (socket) => {
      socket.write(bytes);
      setTimeout(() => socket.destroy(), 100);
    };
    expect(await read()).toBe('broken off');
  });

  it('is broken off after the silence that its row allows', async () => {
    speak = (socket) => void socket.write(`${begin}content-length: 1000\r\n\r\nhalf of it`);
    const at = performance.now();
    expect(await read()).toBe('broken off');
    // The row says one second; the server looks every few.
    expect(performance.now() - at).toBeLessThan(15_000);
  }, 30_000);
});
