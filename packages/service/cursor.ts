import { parseJson } from './json.ts';
import { ProblemError } from './problem.ts';

/** An opaque cursor over the key of a page's last item: base64url of JSON. */
export const encodeCursor = (key: readonly (string | number | boolean | null)[]): string =>
  new TextEncoder().encode(JSON.stringify(key)).toBase64({ alphabet: 'base64url', omitPadding: true });

/** Reads a cursor; throws `invalid` unless it holds what `check` accepts: it comes from outside. */
export const decodeCursor = <Key>(cursor: string, check: (key: unknown) => key is Key): Key => {
  const key = tryDecode(cursor);
  if (!check(key)) throw new ProblemError('invalid', { errors: [{ path: '/cursor', code: 'cursor' }] });
  return key;
};

const tryDecode = (cursor: string): unknown => {
  try {
    return parseJson(
      new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.fromBase64(cursor, { alphabet: 'base64url' })),
    );
  } catch {
    return undefined;
  }
};
