import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'bun:test';
import { connect } from 'node:net';
import { eventually } from '../../../dev/testing/eventually.ts';
import { exchangeBytes, framingCases, sendBytes, statusOf } from '../../../dev/testing/raw-request.ts';
import { type Browser, type Stand, startStand } from '../testing/harness.ts';

let stand: Stand;
let ann: Browser;
beforeAll(async () => {
  stand = await startStand();
  ann = await stand.signIn('ann');
}, 60_000);
afterAll(() => stand.stop());
beforeEach(() => stand.mirror.clear());

const send = (bytes: string) => sendBytes(stand.url, bytes);
const request = (line: string, ...headers: string[]) =>
  [
    `${line} HTTP/1.1`,
    `Host: localhost:${new URL(stand.url).port}`,
    `Cookie: ${ann.cookie()}`,
    'X-CSRF: 1',
    `Origin: ${stand.url}`,
    'Connection: close',
    ...headers,
    '',
    '',
  ].join('\r\n');

describe('a path', () => {
  it('reaches a service as it stands in the table, or nothing', async () => {
    expect(statusOf(await send(request('GET /api/messages/a%20b')))).toBe(200);
    expect(stand.mirror.seen).toHaveLength(1);
  });

  it.each([
    '/api/messages/../../internal/heads',
    '/api/messages/%2e%2e/internal',
    '/api/messages/..%2finternal',
    '/api/messages/..%5cinternal',
    '/api/messages/x/..;/internal',
    '/api/messages//evil.example',
    '/api/messages//',
    '/api/messages/\\evil',
    '/api/messages/%5c%5cevil',
    '/api/messages/x%00',
    '/api/messages/x%0d%0aHost:%20evil',
    '/api/messages/%252e%252e/internal',
    '/api//messages/x',
    '//api/messages/x',
    '/api/messages/internal/heads',
    '/api/messages/Internal/heads',
    '/api/messages/%69nternal/heads',
    '/api/messages/metrics',
    '/api/messages/./metrics',
    '/api/messages/x/../internal/heads',
    '/api/messages/swagger/json',
    '/api/messages/health/live',
    '/api/messages/',
    '/api/messages',
    '/api/messages/%c0%ae%c0%ae/internal',
    '/api/messages/%',
    '/api/messages@evil.example/x',
    '/api/messages.evil.example/x',
    '/api/messages:80/x',
    '/api/realtime/internal',
    '/api/../internal/sessions',
    '/internal/heads',
    '/api/messages/..',
    '/api/messages/..;/internal',
    '/api/messages/%2e%2e%2finternal%2fheads',
    '/api/messages/.%2e/internal',
    '/api/messages/x/%2e%2e/%2e%2e/internal',
    '/api/messages/..%c0%afinternal',
    '/api/messages/%e0%80%afinternal',
    '/api/messages/%ef%bc%8finternal%ef%bc%8f..%00',
    '/api/messages/x%2f..%2f..%2finternal',
    '/api/messages/x%5c..%5cinternal',
    '/api/messages/x\\..\\internal',
    '/api/messages/\u0009/internal',
    '/api/messages/%09%2finternal',
    '/api/messages/x%7f',
    '/api/messages/x%1b',
    '/api/messages/%25%32%65%25%32%65/internal',
    '/api/messages///internal',
    '/api/messages/INTERNAL/heads',
    '/api/messages/%49%4e%54%45%52%4e%41%4c/heads',
    '/api/messages/internal',
    '/api/messages/metrics/',
    '/api/messages/health',
    '/api/messages/%6detrics',
    '/api/messages/%73wagger',
    '/API/messages/x',
    '/api/Messages/x',
    '/api%2fmessages/x',
    '/api/messages%2fx',
    '/api;/messages/x',
    '/api/messages;x=1/x',
    '/./api/messages/../realtime/x',
    '/api/messages#/internal',
    '/api/http://evil.example/x',
    '/api/.messages/x',
    '/%2fapi/messages/x',
  ])('S17: %s reaches no service', async (path) => {
    const answer = await send(request(`GET ${path}`));
    expect(stand.mirror.seen).toEqual([]);
    // What is no path of the proxy may be one of the web client: then it is its page, and nothing else.
    if (statusOf(answer) === 200) expect(answer).toContain('<title>ChatApp</title>');
    else expect([400, 403, 404, 405, 505]).toContain(statusOf(answer));
  });

  it.each([
    'http://evil.example/api/messages/x',
    'https://evil.example:1/api/messages/x',
    'http://evil.example@localhost/api/messages/x',
    '/api/messages\\evil.example/x',
    '/api/messages/evil.example/x',
  ])('S17: takes no host from %s', async (address) => {
    await send(request(`GET ${address}`));
    expect(stand.mirror.seen.every(({ headers }) => headers.host === new URL(stand.mirror.url).host)).toBe(true);
  });

  it.each([
    'CONNECT evil.example:80',
    'CONNECT /api/messages/x',
    'TRACE /api/messages/x',
    'BREW /api/messages/x',
    'OPTIONS *',
    'PRI *',
    'get /api/messages/x',
  ])('S17: %s reaches no service', async (line) => {
    // 0: closed without an answer.
    expect([0, 400, 404, 405]).toContain(statusOf(await send(request(line))));
    expect(stand.mirror.seen).toEqual([]);
  });
});

describe('the framing of a message', () => {
  // Without `Connection: close`: whether it is closed is the server's decision.
  const kept = (line: string, ...headers: string[]) => request(line, ...headers).replace('Connection: close\r\n', '');
  const get = (...headers: string[]) => kept('GET /api/messages/x', ...headers);
  const post = (...headers: string[]) => kept('POST /api/messages/x', ...headers);
  const cases = framingCases({ get, post });

  it('leaves the connection of a good one open', async () => {
    for (const good of [
      get(),
      `${post('Content-Length: 2')}{}`,
      `${post('Transfer-Encoding: chunked')}2\r\n{}\r\n0\r\n\r\n`,
    ]) {
      const { answer, wasClosed } = await exchangeBytes(stand.url, good);
      expect([statusOf(answer), wasClosed]).toEqual([200, false]);
    }
    expect(stand.mirror.seen).toHaveLength(3);
  });

  it.each(Object.keys(cases))(
    'S19: with %s is refused, the connection closed, and no service gets it',
    async (name) => {
      /** An upload streams: of one that is broken in the middle a service may see the beginning, which breaks off there too. */
      const uploads: Promise<string>[] = [];
      stand.mirror.answer((request) => {
        const upload = request.text().then(
          (text) => `whole: ${text}`,
          () => 'broken off',
        );
        uploads.push(upload);
        return upload.then((text) => new Response(text));
      });
      const { answer, wasClosed } = await exchangeBytes(stand.url, cases[name]?.() ?? '', { silenceMs: 5000 });
      const status = statusOf(answer);
      expect([status, [400, 413, 431, 501, 505].includes(status), wasClosed]).toEqual([status, true, true]);
      expect(uploads.length).toBe(stand.mirror.seen.length);
      if (/ chunk/.test(name))
        expect(new Set([...(await Promise.all(uploads)), 'broken off'])).toEqual(new Set(['broken off']));
      else expect(uploads).toEqual([]);
    },
  );

  describe('of a GET with a body', () => {
    const inner = () => get().replace('/messages/x', '/messages/inner');
    const withBody = (header: string, body: string) => `${get(header)}${body}`;
    const expectOneWithoutBody = () => {
      expect(stand.mirror.seen.map((seen) => `${seen.method} ${seen.path}`)).toEqual(['GET /x']);
      const names = Object.keys(stand.mirror.seen[0]?.headers ?? {});
      expect(names.filter((name) => name === 'content-length' || name === 'transfer-encoding')).toEqual([]);
    };

    it('S19: ends where its length says: the service gets neither the body nor a request that it holds', async () => {
      let answers = '';
      const socket = connect(Number(new URL(stand.url).port), '127.0.0.1');
      socket.on('data', (data) => {
        answers += data.toString('latin1');
      });
      const isAnswered = (count: number) => eventually(() => answers.split('{"mirrored":""}').length > count);
      socket.write(withBody(`Content-Length: ${inner().length}`, inner()), 'latin1');
      await isAnswered(1);
      expectOneWithoutBody();
      // The next request on the connection is the one behind the body.
      socket.write(get().replace('/messages/x', '/messages/second'), 'latin1');
      await isAnswered(2);
      expect(stand.mirror.seen.map(({ path }) => path)).toEqual(['/x', '/second']);
      socket.destroy();
    });

    it('S19: in chunks is the last one on its connection, for nobody reads them', async () => {
      const chunks = `${inner().length.toString(16)}\r\n${inner()}\r\n0\r\n\r\n`;
      const sent = withBody('Transfer-Encoding: chunked', chunks);
      const { answer, wasClosed } = await exchangeBytes(stand.url, sent, { silenceMs: 5000 });
      expect([statusOf(answer), answer.split('HTTP/1.1 ').length, wasClosed]).toEqual([200, 2, true]);
      expectOneWithoutBody();
    });
  });
});
