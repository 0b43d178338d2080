import { connect } from 'node:net';

/** A busy machine answers late; no answer at all is something else. */
const firstByteMs = 5000;

interface Options {
  /** After so long a silence nothing more is waited for; for the first byte, five seconds at least. */
  readonly silenceMs?: number;
}

/** What came back on a connection, and whether the other side closed it: where not, it would have waited on. */
interface Exchange {
  readonly answer: string;
  readonly wasClosed: boolean;
}

/** Sends these bytes (Latin-1) to a port of this machine, and waits until the connection was closed, or nothing came for a while. */
export const exchangeBytes = (url: string, bytes: string, { silenceMs = 500 }: Options = {}): Promise<Exchange> =>
  new Promise((resolve) => {
    let answer = '';
    let wasClosed = true;
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(bytes, 'latin1'));
    socket.setTimeout(Math.max(silenceMs, firstByteMs), () => {
      wasClosed = false;
      socket.destroy();
    });
    socket.once('data', () => socket.setTimeout(silenceMs));
    socket.on('data', (data) => {
      answer += data.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve({ answer, wasClosed }));
  });

/** All that came back for these bytes. */
export const sendBytes = async (url: string, bytes: string, options: Options = {}): Promise<string> =>
  (await exchangeBytes(url, bytes, options)).answer;

/** The status of the first answer; 0 where there was none. */
export const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);

/** Writes a request as text; the headers follow those that a good one has. */
type Writer = (...headers: readonly string[]) => string;

/** Requests whose end two servers could see at different places (RFC 9112 §6, §11), or that are none: whoever gets one must refuse it. */
export const framingCases = ({ get, post }: { get: Writer; post: Writer }): Record<string, () => string> => ({
  'two Host headers': () => get('Host: evil.example'),
  'no Host': () => get().replace(/^Host: .*\r\n/m, ''),
  'length and chunks': () => `${post('Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
  'chunks and length': () => `${post('Transfer-Encoding: chunked', 'Content-Length: 5')}0\r\n\r\n`,
  'two lengths': () => `${post('Content-Length: 1', 'Content-Length: 2')}ab`,
  'two equal lengths': () => `${post('Content-Length: 2', 'Content-Length: 2')}{}`,
  'two equal lengths of nothing': () => get('Content-Length: 0', 'Content-Length: 0'),
  'a list of lengths': () => `${post('Content-Length: 2, 2')}{}`,
  'a negative length': () => post('Content-Length: -1'),
  'a length with a sign': () => `${post('Content-Length: +1')}a`,
  'a length in hex': () => `${post('Content-Length: 0x1')}a`,
  'a length that is no number': () => `${post('Content-Length: x')}a`,
  'an unknown coding': () => `${post('Transfer-Encoding: xchunked')}0\r\n\r\n`,
  'a coding twice': () => `${post('Transfer-Encoding: chunked', 'Transfer-Encoding: identity')}0\r\n\r\n`,
  'a space before the colon': () => get('X-Y : 1'),
  'a folded line': () => get('X-Y: 1', ' 2'),
  'a header without a name': () => get(': 1'),
  'bare LFs': () => get().replaceAll('\r\n', '\n'),
  'a bare LF after the request line': () => get().replace('\r\n', '\n'),
  'a bare LF between headers': () => get('X-Y: 1\nX-Z: 2'),
  'a bare LF before a body': () => `${post('Content-Length: 2').replace(/\r\n$/, '\n')}{}`,
  'a bare CR between headers': () => get('X-Y: 1\rX-Z: 2'),
  'a NUL in a header': () => get('X-Y: a\u0000b'),
  'headers without end': () => get(`X-Y: ${'a'.repeat(40_000)}`),
  'a bad chunk': () => `${post('Transfer-Encoding: chunked')}zz\r\nab\r\n0\r\n\r\n`,
  'a chunk whose size ends with a bare LF': () => `${post('Transfer-Encoding: chunked')}2\n{}\r\n0\r\n\r\n`,
  'a chunk that ends with a bare LF': () => `${post('Transfer-Encoding: chunked')}2\r\n{}\n0\r\n\r\n`,
  'a chunk longer than told': () => `${post('Transfer-Encoding: chunked')}1\r\nabcdef\r\n0\r\n\r\n`,
  'another protocol': () => get().replace('HTTP/1.1', 'HTTP/3.0'),
  'no protocol': () => get().replace(' HTTP/1.1', ''),
});
