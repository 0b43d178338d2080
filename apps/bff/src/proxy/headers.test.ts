import { describe, expect, it } from 'bun:test';
import { questionOf } from './headers.ts';

const ask = (path: string, authorization: string) =>
  questionOf({ method: 'GET', path, headers: [['authorization', authorization]] }, 'http://127.0.0.1:4001');

describe('questionOf', () => {
  it('writes one request', () => {
    expect(ask('/unread?x=1', 'Bearer one').text).toMatch(
      /^GET \/unread\?x=1 HTTP\/1\.1\r\nhost: 127\.0\.0\.1:4001\r\nuser-agent: [^\r\n]+\r\nauthorization: Bearer one\r\n\r\n$/,
    );
  });

  it.each(['/a b', '/a\r\nx: y', '/\u00e9', 'a', '/a\0'])(
    'S17: refuses the path %j, which could be read as more',
    (path) => {
      expect(() => ask(path, 'Bearer one')).toThrow();
    },
  );

  it.each(['one\r\nx: y', 'one\ntwo', 'one\0', '\u00e9'])(
    'S14: refuses the token %j, which could be read as more',
    (token) => {
      expect(() => ask('/unread', `Bearer ${token}`)).toThrow();
    },
  );
});
