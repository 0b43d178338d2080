import { describe, expect, it } from 'bun:test';
import fc from 'fast-check';
import { MalformedAnswerError } from './answer-head.ts';
import { AnswerReader } from './answer-reader.ts';

/** What is read of an answer that comes in these pieces and is then closed. */
const read = (pieces: readonly Buffer[], { toHead = false, isClosed = false } = {}) => {
  const reader = new AnswerReader({ toHead });
  for (const piece of pieces) if (piece.length > 0) reader.take(Buffer.from(piece));
  if (isClosed) reader.close();
  const body = Buffer.concat(reader.takePieces()).toString('latin1');
  return {
    ...{ status: reader.head?.status, body, isWhole: reader.isWhole, keepsAlive: reader.head?.keepsAlive },
    get: (name: string) => reader.head?.fields.get(name),
  };
};
const readText = (text: string, options = {}) => read([Buffer.from(text, 'latin1')], options);
const ok = (...lines: string[]) => `HTTP/1.1 200 OK\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;

describe('an answer', () => {
  it('has fields whose names may be written in any way, and that may come twice', () => {
    const { get } = readText(
      ok('Content-Type:text/plain', 'VARY: \t a \t', 'vary: b', 'X-Empty:', 'content-length: 0'),
    );
    expect(['content-type', 'vary', 'x-empty', 'etag'].map(get)).toEqual(['text/plain', 'a, b', '', null]);
  });

  it.each([
    ['a length', ok('Content-Length: 5'), 'hello', true],
    ['chunks', ok('Transfer-Encoding: chunked'), '5\r\nhello\r\n0\r\n\r\n', true],
    [
      'chunks with extensions and trailers',
      ok('Transfer-Encoding: Chunked'),
      '3;a=b\r\nhel\r\n2 \r\nlo\r\n0\r\nx: y\r\n\r\n',
      true,
    ],
    ['the end of the connection', ok(), 'hello', false],
  ])('ends by %s, however its bytes are cut', (_name, head, sent, isWhole) => {
    const bytes = Buffer.from(`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${head}${sent}`);
    const cuts = fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 8 });
    fc.assert(
      fc.property(cuts, (places) => {
        const edges = [0, ...places.sort((one, other) => one - other), bytes.length];
        const pieces = edges.slice(1).map((edge, at) => bytes.subarray(edges[at], edge));
        expect(read(pieces)).toMatchObject({ status: 200, body: 'hello', isWhole });
        expect(read(pieces, { isClosed: true })).toMatchObject({ body: 'hello', isWhole: true });
      }),
    );
  });

  it.each([
    ['HEAD', ok('Content-Length: 5'), true],
    ['a 204', 'HTTP/1.1 204 No Content\r\n\r\n', false],
    ['a 304', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', false],
    ['length 0', ok('Content-Length: 0'), false],
  ])('to %s has no body', (_name, text, toHead) => {
    expect(readText(text, { toHead })).toMatchObject({ body: '', isWhole: true, keepsAlive: true });
  });

  it.each([
    ['HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', false],
    ['HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 0\r\n\r\n', false],
    ['HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', false],
    ['HTTP/1.1 200\r\nConnection: keep-alive, closed\r\nContent-Length: 0\r\n\r\n', true],
  ])('tells whether the connection stays: %j', (text, keepsAlive) => {
    expect(readText(text).keepsAlive).toBe(keepsAlive);
  });

  it('that is cut short is not whole', () => {
    for (const text of ['HTTP/1.1 2', ok('Content-Length: 5').concat('hell'), ok('Transfer-Encoding: chunked')]) {
      expect(readText(text, { isClosed: true }).isWhole).toBe(false);
    }
  });
});

describe('S19: an answer that two readers could take differently is refused', () => {
  it.each([
    ['length and chunks', `${ok('Content-Length: 5', 'Transfer-Encoding: chunked')}hello`],
    ['two lengths', `${ok('Content-Length: 5', 'Content-Length: 6')}hello`],
    ['the same length twice', `${ok('Content-Length: 5', 'Content-Length: 5')}hello`],
    ['a negative length', ok('Content-Length: -1')],
    ['a length with a sign', ok('Content-Length: +1')],
    ['a length in hex', ok('Content-Length: 0x1')],
    ['a length with a space that HTTP does not know', `${ok('Content-Length: 5\xa0')}hello`],
    ['a coding with a vertical tab', `${ok('Transfer-Encoding: \x0bchunked')}0\r\n\r\n`],
    ['more fields than anybody sends', ok(...Array.from({ length: 300 }, (_, at) => `x-${at}: y`))],
    ['an unknown coding', ok('Transfer-Encoding: gzip, chunked')],
    ['a coding in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['a folded line', ok('x: 1', ' 2')],
    ['a space before the colon', ok('Content-Length : 5')],
    ['a field without a name', ok(': 1')],
    ['a line that is no field', ok('hello')],
    ['a bare line feed', ok('x: 1\ncontent-length: 3')],
    ['a bare carriage return', ok('x: 1\rcontent-length: 3')],
    ['a NUL', ok('x: a\0b')],
    ['another protocol', 'HTTP/2 200 OK\r\n\r\n'],
    ['a status that is none', 'HTTP/1.1 2000 OK\r\n\r\n'],
    ['no status line', '\r\nHTTP/1.1 200 OK\r\n\r\n'],
    ['an upgrade', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
    ['a head without end', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(70_000)}`],
    ['more than was told', `${ok('Content-Length: 5')}hello!`],
    ['another answer behind it', `${ok('Content-Length: 0')}HTTP/1.1 200 OK\r\n\r\n`],
    ['a body where none may be', 'HTTP/1.1 204 No Content\r\n\r\nx'],
    ['a chunk longer than told', `${ok('Transfer-Encoding: chunked')}1\r\nab\r\n`],
    ['a chunk without a size', `${ok('Transfer-Encoding: chunked')}\r\n`],
    ['a chunk size that is no number', `${ok('Transfer-Encoding: chunked')}0x1\r\na\r\n`],
    ['a chunk size that is too large', `${ok('Transfer-Encoding: chunked')}fffffffffffff\r\n`],
    ['a chunk size with a bare line feed', `${ok('Transfer-Encoding: chunked')}1\na\r\n`],
    ['a chunk size without end', `${ok('Transfer-Encoding: chunked')}1;${'a'.repeat(5000)}`],
    ['trailers without end', `${ok('Transfer-Encoding: chunked')}0\r\n${'x: y\r\n'.repeat(100)}`],
    ['something behind the last chunk', `${ok('Transfer-Encoding: chunked')}0\r\n\r\nHTTP`],
  ])('%s', (_name, text) => {
    expect(() => readText(text)).toThrow(MalformedAnswerError);
  });
});
