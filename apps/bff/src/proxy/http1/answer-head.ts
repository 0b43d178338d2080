/** What a server sent is no HTTP/1.1 answer, or one whose end two readers could see at different places (RFC 9112 §6, §11). */
export class MalformedAnswerError extends Error {
  override readonly name = 'MalformedAnswerError';
}

/** The fields of an answer, by their names in lower case. */
export interface AnswerFields {
  get(name: string): string | null;
  forEach(visit: (value: string, name: string) => void): void;
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
/** What ends a line for some reader and not for another. */
const strayEnd = /\0|\r(?!\n)|(?<!\r)\n/;
const wholeNumber = /^\d{1,15}$/;
const statusLine = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: [^\0\r\n]*)?$/;

/** Reads the head of an answer to a request, without its empty line, as Latin-1. Throws MalformedAnswerError. */
export const parseAnswerHead = (text: string, { toHead }: { readonly toHead: boolean }): AnswerHead => {
  if (strayEnd.test(text)) throw new MalformedAnswerError('a line without its end');
  let end = lineEnd(text, 0);
  const [, minor, code] = statusLine.exec(text.slice(0, end)) ?? [];
  if (code === undefined) throw new MalformedAnswerError('no status line');
  const fields = new Fields();
  while (end < text.length) {
    const start = end + 2;
    end = lineEnd(text, start);
    const colon = text.indexOf(':', start);
    if (colon < 0 || colon > end) throw new MalformedAnswerError('no field line');
    const name = nameOf(text.slice(start, colon));
    fields.add(name, valueIn(text, colon + 1, end));
  }
  const status = Number(code);
  const isOld = minor === '0';
  return {
    status,
    fields,
    framing: framingOf(status, fields, { toHead, isOld }),
    keepsAlive: !isOld && !/(^|,)[ \t]*close[ \t]*(,|$)/i.test(fields.get('connection') ?? ''),
  };
};

const fieldsMax = 200;

/** A dozen of them: to look through a list costs less than to make a table. */
class Fields implements AnswerFields {
  readonly #names: string[] = [];
  readonly #values: string[] = [];

  /** Of two with one name the values count as one list (RFC 9110 §5.3). */
  add(name: string, value: string): void {
    const place = this.#names.indexOf(name);
    if (this.#names.length >= fieldsMax) throw new MalformedAnswerError('too many fields');
    if (place < 0) {
      this.#names.push(name);
      this.#values.push(value);
    } else this.#values[place] += `, ${value}`;
  }

  forEach(visit: (value: string, name: string) => void): void {
    for (let place = 0; place < this.#names.length; place++) visit(this.#values[place] ?? '', this.#names[place] ?? '');
  }

  get(name: string): string | null {
    return this.#values[this.#names.indexOf(name)] ?? null;
  }
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

/** Without the blanks around it; other white space belongs to a value (RFC 9110 §5.5). */
const valueIn = (text: string, from: number, to: number): string => {
  let [start, end] = [from, to];
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
};

const lineEnd = (text: string, from: number): number => {
  const end = text.indexOf('\r\n', from);
  return end < 0 ? text.length : end;
};

/** Names as servers wrote them, and in lower case: there are few, and they come with every answer. */
const names = new Map<string, string>();
const namesMax = 256;

const nameOf = (written: string): string => {
  const known = names.get(written);
  if (known !== undefined) return known;
  if (!token.test(written)) throw new MalformedAnswerError('no field line');
  const name = written.toLowerCase();
  if (names.size < namesMax) names.set(written, name);
  return name;
};

const framingOf = (
  status: number,
  fields: AnswerFields,
  { toHead, isOld }: { readonly toHead: boolean; readonly isOld: boolean },
): Framing => {
  const [length, coding] = [fields.get('content-length'), fields.get('transfer-encoding')];
  if (length !== null && (coding !== null || !wholeNumber.test(length))) {
    throw new MalformedAnswerError('no one length');
  }
  if (coding !== null && (isOld || coding.toLowerCase() !== 'chunked')) {
    throw new MalformedAnswerError('an unknown coding');
  }
  if (toHead || status < 200 || status === 204 || status === 304) return { kind: 'none' };
  if (coding !== null) return { kind: 'chunked' };
  return length === null ? { kind: 'until-close' } : { kind: 'length', bytes: Number(length) };
};
