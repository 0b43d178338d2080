import { describe, expect, it } from 'bun:test';
import { pairsOf, questionOf, requestFields } from './headers.ts';

const own = { requestId: 'one', traceparent: 'two' };
const fieldsWith = (token: string) => requestFields(new Headers({ accept: 'text/plain', cookie: 'a=b' }), own, token);
const ask = (path: string, token: string) =>
  questionOf({ method: 'GET', path, headers: fieldsWith(token) }, 'http://127.0.0.1:4001');

describe('requestFields', () => {
  it.each(['one\r\nx: y', 'one\ntwo', 'one\rtwo', 'one\0', '\u00e9', '\u010d'])(
    'S14: refuses the token %j, which could be read as more',
    (token) => {
      expect(() => fieldsWith(token)).toThrow();
    },
  );

  it.each([
    [{ 'idempotency-key': 'three' }, ['three']],
    [{ 'accept-language': 'idempotency-key' }, ['made']],
    [{ 'idempotency-key': 'three', connection: 'Idempotency-Key' }, ['made']],
  ])('sends one Idempotency-Key, its own where the request %j has none', (headers, keys) => {
    const fields = requestFields(
      new Headers(headers as Record<string, string>),
      { ...own, idempotencyKey: 'made' },
      'token',
    );
    expect(pairsOf(fields).flatMap(([name, value]) => (name === 'idempotency-key' ? [value] : []))).toEqual(keys);
  });
});

describe('pairsOf', () => {
  it('gives the lines as fetch takes them', () => {
    expect(pairsOf(fieldsWith('three'))).toEqual([
      ['x-request-id', 'one'],
      ['traceparent', 'two'],
      ['authorization', 'Bearer three'],
      ['accept', 'text/plain'],
    ]);
  });
});

describe('questionOf', () => {
  it('writes one request', () => {
    const [first, host, agent, ...rest] = ask('/unread?x=1', 'three').text.split('\r\n');
    expect([first, host]).toEqual(['GET /unread?x=1 HTTP/1.1', 'host: 127.0.0.1:4001']);
    expect(agent).toMatch(/^user-agent: [^\r\n]+$/);
    expect(rest).toEqual([
      ...['x-request-id: one', 'traceparent: two', 'authorization: Bearer three', 'accept: text/plain'],
      ...['', ''],
    ]);
  });

  it.each(['/a b', '/a\r\nx: y', '/\u00e9', 'a', '/a\0'])(
    'S17: refuses the path %j, which could be read as more',
    (path) => {
      expect(() => ask(path, 'one')).toThrow();
    },
  );
});
