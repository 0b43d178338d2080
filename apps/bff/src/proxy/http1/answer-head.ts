/** What a server sent is no HTTP/1.1 answer, or one whose end two readers could see at different places (RFC 9112 §6, §11). */
export class MalformedAnswerError extends Error {
  override readonly name = 'MalformedAnswerError';
}

/** The fields of an answer, by their names in lower case. */
export interface AnswerFields {
  get(name: string): string | null;
}

/** How long a body is: not at all, so many bytes, in chunks, or until the connection closes. */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'until-close' };

export interface AnswerHead {
  readonly status: number;
  readonly fields: AnswerFields;
  readonly framing: Framing;
  /** Whether the server leaves the connection open after this answer. */
  readonly keepsAlive: boolean;
}

const token = /^[\w!#$%&'*+.^`|~-]+$/;
const notInValues = /[\0\r\n]/;
const wholeNumber = /^\d{1,15}$/;
const statusLine = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: [^\0\r\n]*)?$/;

/** Reads the head of an answer to a request, without its empty line, as Latin-1. Throws MalformedAnswerError. */
export const parseAnswerHead = (text: string, { toHead }: { readonly toHead: boolean }): AnswerHead => {
  const [first = '', ...lines] = text.split('\r\n');
  const [, minor, code] = statusLine.exec(first) ?? [];
  if (code === undefined) throw new MalformedAnswerError('no status line');
  const fields = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon));
    if (!token.test(name) || notInValues.test(line)) throw new MalformedAnswerError('no field line');
    const key = name.toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = fields.get(key);
    fields.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  const status = Number(code);
  const isOld = minor === '0';
  return {
    status,
    fields: { get: (name) => fields.get(name) ?? null },
    framing: framingOf(status, fields, { toHead, isOld }),
    keepsAlive: !isOld && !/(^|,)[ \t]*close[ \t]*(,|$)/i.test(fields.get('connection') ?? ''),
  };
};

const framingOf = (
  status: number,
  fields: ReadonlyMap<string, string>,
  { toHead, isOld }: { readonly toHead: boolean; readonly isOld: boolean },
): Framing => {
  const [length, coding] = [fields.get('content-length'), fields.get('transfer-encoding')];
  if (length !== undefined && (coding !== undefined || !wholeNumber.test(length))) {
    throw new MalformedAnswerError('no one length');
  }
  if (coding !== undefined && (isOld || coding.toLowerCase() !== 'chunked')) {
    throw new MalformedAnswerError('an unknown coding');
  }
  if (toHead || status < 200 || status === 204 || status === 304) return { kind: 'none' };
  if (coding !== undefined) return { kind: 'chunked' };
  return length === undefined ? { kind: 'until-close' } : { kind: 'length', bytes: Number(length) };
};
