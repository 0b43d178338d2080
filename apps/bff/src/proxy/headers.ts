import { ProblemError } from '@chatapp/service/problem';
import type { AnswerFields } from './http1/answer-head.ts';
import type { Question } from './http1/connection.ts';

/**
 * What passes the proxy, as lists of what may: the cookie, `Authorization`, forwarding and hop-by-hop headers (also those that `Connection`
 * names) never reach a service, and a service's cookies, CORS and server headers never reach a browser.
 */
const up = [
  'accept',
  'accept-encoding',
  'accept-language',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'range',
];
const down = new Set([
  'accept-ranges',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-range',
  'content-type',
  'etag',
  'last-modified',
  'retry-after',
  'ratelimit',
  'ratelimit-policy',
  'vary',
]);

/** Header lines in their order, each name before its value: made by `requestFields` alone, so that none can be read as more than one. */
export type Fields = readonly string[];

/** Plain words, each made or looked at where it comes from. */
interface OwnFields {
  readonly requestId: string;
  readonly traceparent: string;
  /** Where the request has no `Idempotency-Key` itself. */
  readonly idempotencyKey?: string | undefined;
}

/** What a service gets of a request's headers, and our own. Throws `malformed` for a token that could be read as more than one line. */
export const requestFields = (from: Headers, own: OwnFields, accessToken: string | undefined): Fields => {
  const { requestId, traceparent, idempotencyKey } = own;
  const fields = ['x-request-id', requestId, 'traceparent', traceparent];
  if (accessToken !== undefined) {
    // The issuer's words.
    if (!isOneLine(accessToken)) throw new ProblemError('malformed');
    fields.push('authorization', `Bearer ${accessToken}`);
  }
  const hopByHop = namedBy(from.get('connection'));
  for (const name of up) {
    const value = from.get(name);
    if (value !== null && isPlain(value) && !hopByHop?.includes(name)) fields.push(name, value);
  }
  if (idempotencyKey !== undefined && !has(fields, 'idempotency-key')) fields.push('idempotency-key', idempotencyKey);
  return fields;
};

const has = (fields: Fields, name: string): boolean => fields.some((field, at) => at % 2 === 0 && field === name);

/** Visible ASCII, blanks and tabs: what no reader could take for the end of a line. */
const isPlain = (value: string): boolean => /^[\t\x20-\x7e]*$/.test(value);

/** ASCII without an end of a line: for a text of hundreds of characters a third of what looking at each costs. */
const isOneLine = (value: string): boolean =>
  Buffer.byteLength(value) === value.length && !value.includes('\r') && !value.includes('\n') && !value.includes('\0');

/** The headers that end here, as `Connection` names them; browsers name none. */
const namedBy = (connection: string | null): string[] | undefined => {
  if (connection === null || connection === 'keep-alive') return undefined;
  return connection.split(',').map((name) => name.trim().toLowerCase());
};

const agent = `Bun/${Bun.version}`;

/** The lines as pairs, as `fetch` takes them. */
export const pairsOf = (fields: Fields): [name: string, value: string][] =>
  Array.from({ length: fields.length / 2 }, (_, at) => [fields[2 * at] ?? '', fields[2 * at + 1] ?? '']);

/** A request without a body, to be written on a connection to `origin`. Throws `malformed` where the path could be read as more than one. */
export const questionOf = (
  { method, path, headers }: { readonly method: string; readonly path: string; readonly headers: Fields },
  origin: string,
): Question => {
  if (!/^\/[\x21-\x7e]*$/.test(path)) throw new ProblemError('malformed');
  let text = `${method} ${path} HTTP/1.1\r\nhost: ${origin.slice('http://'.length)}\r\nuser-agent: ${agent}\r\n`;
  for (let at = 0; at < headers.length; at += 2) text += `${headers[at]}: ${headers[at + 1]}\r\n`;
  return { isHead: method === 'HEAD', text: `${text}\r\n` };
};

/** Sets what of an answer's headers a browser gets; its length where it is not told otherwise. */
export const setResponseFields = (
  to: Headers,
  from: AnswerFields,
  { withLength }: { readonly withLength: boolean },
): void => {
  const hopByHop = namedBy(from.get('connection'));
  from.forEach((value, name) => {
    if (!down.has(name) || hopByHop?.includes(name)) return;
    if (withLength || name !== 'content-length') to.set(name, value);
  });
};

const randomBytes = new Uint8Array(24);

/** The caller's trace goes on where it is well formed (W3C Trace Context), else one begins. */
export const traceparentOf = (from: Headers): string => {
  const given = from.get('traceparent');
  if (given && /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/.test(given)) return given;
  const random = crypto.getRandomValues(randomBytes).toHex();
  return `00-${random.slice(0, 32)}-${random.slice(32)}-00`;
};
