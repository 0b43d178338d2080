import { limits } from '@chatapp/contract/limits';
import { ProblemError } from '@chatapp/service/problem';

// Line breaks and tabs become spaces before; other controls, and characters that turn the writing direction, are refused: a name
// that contains them can pose as another. PostgreSQL refuses NUL and lone surrogates.
const refused = /[\p{Cc}\p{Cs}\u{061C}\u{200E}\u{200F}\u{202A}-\u{202E}\u{2066}-\u{2069}]/u;

/** Where a text comes from, and how many code points it may have. */
interface Field {
  readonly path: string;
  readonly lengthMax: number;
}

export const conversationName: Field = { path: '/name', lengthMax: limits.conversationNameLengthMax };
export const topic: Field = { path: '/topic', lengthMax: limits.topicLengthMax };
export const userName: Field = { path: '/name', lengthMax: limits.userNameLengthMax };

/** One line of text as it is stored: NFC, runs of white space as one space. Throws `invalid` where nothing, too much or a refused character is left. */
export const oneLine = (text: string, { path, lengthMax }: Field): string => {
  const line = text.replace(/\s+/gu, ' ').trim().normalize('NFC');
  const code = faultOf(line, lengthMax);
  if (code !== undefined) throw new ProblemError('invalid', { errors: [{ path, code }] });
  return line;
};

const faultOf = (line: string, lengthMax: number): string | undefined => {
  if (line === '') return 'minLength';
  if (refused.test(line)) return 'characters';
  return Array.from(line).length > lengthMax ? 'maxLength' : undefined;
};

/** The same where the text may be absent: nothing but white space is null. */
export const oneLineOrNull = (text: string | null, field: Field): string | null =>
  text === null || text.trim() === '' ? null : oneLine(text, field);
