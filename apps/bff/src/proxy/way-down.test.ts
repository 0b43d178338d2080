import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'bun:test';
import { createServer, type Server, type Socket } from 'node:net';
import type { Problem } from '@chatapp/contract/problem';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { type Browser, type Instance, type Stand, startStand } from '../../testing/harness.ts';

let stand: Stand;
let ann: Browser;
/** Knows its services below a path, where none of our own connections goes: it asks all by `fetch`. */
let byFetch: Instance;
beforeAll(async () => {
  stand = await startStand({ env: { REQUEST_DEADLINE_MS: '3000' } });
  byFetch = await stand.another({ MESSAGES_URL: `${stand.mirror.url}/below` });
  ann = await stand.signIn('ann');
}, 60_000);
afterAll(() => stand.stop());
beforeEach(() => stand.mirror.clear());

const path = '/api/messages/conversations/1';
const body = '{"a":1}';
const codeOf = async (response: Response) => ((await response.json()) as Problem).code;

/** Every way in which a request goes up: what has no body and may be sent twice over our own connections, the rest by `fetch`. */
const ways = [
  { name: 'a GET over our own connection', method: 'GET', at: () => stand.url },
  { name: 'a GET by fetch', method: 'GET', at: () => byFetch.url },
  { name: 'a POST', method: 'POST', at: () => stand.url },
];

describe.each(ways)('the answer to $name', ({ method, at }) => {
  const ask = (init: RequestInit = {}) =>
    ann.call(method, path, { at: at(), ...(method === 'GET' ? {} : { body }), ...init });

  it('S18, S20: comes with its status, body and what a browser may know', async () => {
    stand.mirror.answer(() =>
      Response.json(
        { code: 'conflict' },
        {
          status: 409,
          headers: {
            'content-type': 'application/problem+json',
            'retry-after': '3',
            etag: '"x"',
            'cache-control': 'max-age=5',
            server: 'x',
            'x-powered-by': 'y',
            'access-control-allow-origin': '*',
            'access-control-allow-credentials': 'true',
            'set-cookie': 'a=b',
            'x-request-id': 'theirs-1234',
            'strict-transport-security': 'max-age=0',
            'content-security-policy': 'default-src *',
            location: 'https://evil.example',
            refresh: '0;url=x',
            'clear-site-data': '"*"',
            'service-worker-allowed': '/',
            link: '<x>',
            'report-to': 'x',
            'x-internal': '1',
          },
        },
      ),
    );
    const response = await ask();
    expect(response.status).toBe(409);
    expect(await codeOf(response)).toBe('conflict');
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.get('retry-after')).toBe('3');
    expect(response.headers.get('etag')).toBe('"x"');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(response.headers.get('x-request-id')).not.toBe('theirs-1234');
    const never = [
      'server',
      'x-powered-by',
      'set-cookie',
      'location',
      'refresh',
      'clear-site-data',
      'service-worker-allowed',
      'link',
      'report-to',
      'x-internal',
    ];
    for (const name of [
      ...never,
      'access-control-allow-origin',
      'access-control-allow-credentials',
      'strict-transport-security',
    ]) {
      expect([name, response.headers.get(name)]).toEqual([name, null]);
    }
  });

  it('is passed on as it is where it is a 204, a 304 or packed', async () => {
    stand.mirror.answer(() => new Response(null, { status: 204 }));
    expect((await ask()).status).toBe(204);
    stand.mirror.answer(() => new Response(null, { status: 304, headers: { etag: '"x"' } }));
    expect((await ask({ headers: { 'if-none-match': '"x"' } })).status).toBe(304);
    const packed = Bun.gzipSync(JSON.stringify({ text: 'x'.repeat(5000) }));
    stand.mirror.answer(
      () => new Response(packed, { headers: { 'content-encoding': 'gzip', 'content-type': 'application/json' } }),
    );
    const response = await ask({ decompress: false } as RequestInit);
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(await response.bytes()).toEqual(new Uint8Array(packed));
    expect(await (await ask()).json()).toEqual({ text: 'x'.repeat(5000) });
  });

  it('streams while it is made, as fast as it is read', async () => {
    let pulled = 0;
    const piece = new Uint8Array(65_536);
    stand.mirror.answer(
      () =>
        new Response(
          new ReadableStream({
            async pull(controller) {
              pulled++;
              if (pulled > 2000) return controller.close();
              controller.enqueue(piece);
              await Bun.sleep(0);
            },
          }),
        ),
    );
    const response = await ask();
    const reader = response.body?.getReader();
    await reader?.read();
    // 125 MB are there to be had; what nobody reads stays with the service, but for the buffers on the way.
    let before = -1;
    await eventually(
      () => {
        const still = pulled === before;
        before = pulled;
        return still;
      },
      { intervalMs: 300, timeoutMs: 10_000 },
    );
    expect(pulled).toBeLessThan(1000);
    await reader?.cancel();
  }, 20_000);

  it('is not waited for at the service when the browser has gone', async () => {
    const gone = Promise.withResolvers<void>();
    stand.mirror.answer((request) => {
      request.signal.addEventListener('abort', () => gone.resolve());
      return new Promise<Response>(() => undefined);
    });
    const controller = new AbortController();
    const asked = ask({ signal: controller.signal }).catch(() => undefined);
    await eventually(() => stand.mirror.seen.length > 0);
    const leftAt = performance.now();
    controller.abort();
    await gone.promise;
    await asked;
    // Well before an attempt's own time is over.
    expect(performance.now() - leftAt).toBeLessThan(1000);
  });

  it('ends when the browser goes in the middle of it', async () => {
    const gone = Promise.withResolvers<void>();
    stand.mirror.answer((request) => {
      request.signal.addEventListener('abort', () => gone.resolve());
      return new Response(
        new ReadableStream({
          async pull(controller) {
            controller.enqueue(new TextEncoder().encode('x'));
            await Bun.sleep(20);
          },
        }),
      );
    });
    const controller = new AbortController();
    const response = await ask({ signal: controller.signal });
    await response.body?.getReader().read();
    controller.abort();
    await gone.promise;
  });
});

describe('a service that answers with a redirect', () => {
  /** Where it sends people: nobody may come. */
  let evil: Server;
  const visits: string[] = [];
  beforeAll(async () => {
    evil = createServer((socket) => {
      visits.push('connected');
      socket.destroy();
    });
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => void evil.close());

  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
  it.each([301, 302, 303, 307, 308])(
    'S18: neither gets followed nor passed on: %i, whatever the method',
    async (status) => {
      const { port } = evil.address() as { port: number };
      const location = `http://127.0.0.1:${port}/`;
      stand.mirror.answer(() => new Response(null, { status, headers: { location } }));
      for (const at of [stand.url, byFetch.url]) {
        for (const method of methods) {
          stand.mirror.seen.length = 0;
          const hasBody = ['POST', 'PUT', 'PATCH'].includes(method);
          const response = await ann.call(method, path, { at, ...(hasBody ? { body } : {}) });
          const code = method === 'HEAD' ? 'upstream-unreachable' : await codeOf(response);
          const found = { status: response.status, location: response.headers.get('location'), code };
          expect([method, found]).toEqual([method, { status: 502, location: null, code: 'upstream-unreachable' }]);
          // A GET before it may have been sent twice, over a kept connection that was just closed, and arrive late.
          expect(stand.mirror.seen.map((seen) => seen.method)).toContain(method);
        }
      }
      expect(visits).toEqual([]);
    },
  );

  it('S18: does not send the request to another path of its own either', async () => {
    stand.mirror.answer(() => new Response(null, { status: 307, headers: { location: '/internal/heads' } }));
    for (const method of methods) await ann.call(method, path);
    expect([...new Set(stand.mirror.seen.map((seen) => `${seen.method} ${seen.path}`))]).toEqual(
      methods.map((method) => `${method} /conversations/1`),
    );
  });
});

describe('a service that breaks off', () => {
  let service: Server;
  let speak: (socket: Socket) => void = () => undefined;
  let instances: Record<'own' | 'fetch', string>;
  let asked = 0;
  beforeAll(async () => {
    service = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (data) => {
        // The health check is not what this is about.
        if (/^GET \S*\/health/.test(data.toString())) return socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
        asked++;
        speak(socket);
      });
    });
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(service.address() as { port: number }).port}`;
    const [own, fetched] = await Promise.all([
      stand.another({ MESSAGES_URL: url }),
      stand.another({ MESSAGES_URL: `${url}/below` }),
    ]);
    instances = { own: own.url, fetch: fetched.url };
  });
  afterAll(() => void service.close());

  const cases = [
    { name: 'a GET over our own connection', method: 'GET', by: 'own' },
    { name: 'a GET by fetch', method: 'GET', by: 'fetch' },
    { name: 'a POST', method: 'POST', by: 'own' },
  ] as const;
  const begin = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n';

  it.each(cases)('in its answer to $name: the browser sees no whole one', async ({ method, by }) => {
    for (const bytes of [
      `${begin}content-length: 1000\r\n\r\nhalf of it`,
      `${begin}transfer-encoding: chunked\r\n\r\na\r\nhalf of it\r\n`,
    ]) {
      let breakOff = () => {};
      speak = (socket) => {
        socket.write(bytes);
        breakOff = () => socket.destroy();
      };
      const response = await ann.call(method, path, { at: instances[by], ...(method === 'GET' ? {} : { body }) });
      expect(response.status).toBe(200);
      breakOff();
      const read = await response.text().then(
        (text) => `whole: ${text}`,
        () => 'broken off',
      );
      expect(read).toBe('broken off');
    }
  });

  it.each(cases)(
    'before its answer to $name: that is a 502, and only a POST is not sent again',
    async ({ method, by }) => {
      speak = (socket) => socket.destroy();
      asked = 0;
      const response = await ann.call(method, path, { at: instances[by], ...(method === 'GET' ? {} : { body }) });
      expect([response.status, await codeOf(response)]).toEqual([502, 'upstream-unreachable']);
      expect(asked > 1).toBe(method === 'GET');
    },
  );
});
