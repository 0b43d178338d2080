import { limits } from '@chatapp/contract/limits';
import { ProblemError } from './problem.ts';

/**
 * Whether JSON text nests deeper than `max`: looked at before parsing, because a parser blocks the event loop on 60 KB of
 * brackets. Brackets inside strings do not count.
 */
export const nestsDeeperThan = (text: string, max: number): boolean => {
  if (opensAtMost(text, max)) return false;
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === 0x5c) index++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > max) return true;
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
  return false;
};

/** Whether so few brackets open in a text, inside strings too, that it cannot nest deeper: nearly every text, known without a look at each character. */
const opensAtMost = (text: string, max: number): boolean => {
  let count = 0;
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) if (++count > max) return false;
  }
  return true;
};

/** Parses JSON text. Throws `malformed` where it is none, `invalid` where it nests deeper than `limits.jsonDepthMax` or has a field `__proto__`. */
export const parseJson = (text: string): unknown => {
  if (nestsDeeperThan(text, limits.jsonDepthMax))
    throw new ProblemError('invalid', { detail: 'The JSON nests too deep.' });
  const value = parse(text);
  // The framework copies a body with numbers in it by assignment before its schema is asked: what is an unknown field here is a prototype there.
  if (mayNamePrototype.test(text) && namesPrototype(value))
    throw new ProblemError('invalid', { errors: [{ path: '/__proto__', code: 'object' }] });
  return value;
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ProblemError('malformed', { detail: 'The body is not valid JSON.', cause });
  }
};

/** As it stands in a text, or with an underscore that is escaped. */
const mayNamePrototype = /__proto__|\\u005f/i;

const namesPrototype = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (Object.hasOwn(value, '__proto__') || Object.values(value).some(namesPrototype));

/** Reads a body of up to `bytesMax` bytes. Throws `too-large` as soon as more arrives. */
export const readBytes = async (request: Request, bytesMax: number): Promise<Uint8Array> => {
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) throw new ProblemError('too-large');
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) throw new ProblemError('too-large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

/** The same as UTF-8 text. Throws `malformed` where it is none. */
export const readText = async (request: Request, bytesMax: number): Promise<string> => {
  const bytes = await readBytes(request, bytesMax);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ProblemError('malformed', { detail: 'The body is not UTF-8.', cause });
  }
};
