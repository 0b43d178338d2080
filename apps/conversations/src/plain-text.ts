import { ProblemError } from '@chatapp/service/problem';

// Line breaks and tabs become spaces before; other controls, and characters that turn the writing direction, are refused: a name
// that contains them can pose as another. PostgreSQL refuses NUL and lone surrogates.
const refused = /[\p{Cc}\p{Cs}\u{061C}\u{200E}\u{200F}\u{202A}-\u{202E}\u{2066}-\u{2069}]/u;

/** One line of text as it is stored: NFC, runs of white space as one space. Throws `invalid` for `path` where nothing or a refused character is left. */
export const oneLine = (text: string, path: string): string => {
  const line = text.replace(/\s+/gu, ' ').trim().normalize('NFC');
  if (line === '') throw new ProblemError('invalid', { errors: [{ path, code: 'minLength' }] });
  if (refused.test(line)) throw new ProblemError('invalid', { errors: [{ path, code: 'characters' }] });
  return line;
};

/** The same where the text may be absent: nothing but white space is null. */
export const oneLineOrNull = (text: string | null, path: string): string | null =>
  text === null || text.trim() === '' ? null : oneLine(text, path);
