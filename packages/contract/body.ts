import { limits } from './limits.ts';

/** NFC, with every line end as a line feed. What a message's body is stored and compared as. */
export const normalizeBody = (text: string): string =>
  isPlain.test(text) ? text : text.replace(/\r\n?/g, '\n').normalize('NFC');

// Most bodies: nothing in ASCII is composed, so there is nothing to do.
const isPlain = /^[\n\x20-\x7e]*$/;

// C0 controls but tab and line feed, and lone surrogates: nothing a person types, and PostgreSQL refuses NUL.
// biome-ignore lint/suspicious/noControlCharactersInRegex: the rule is about exactly these characters
const refused = /[\u0000-\u0008\u000b-\u001f\u007f]|\p{Surrogate}/u;

/** Why a normalized body is refused, or undefined: `length` (1 to 4 000 code points, not only white space) or `characters`. */
export const bodyFault = (body: string): 'length' | 'characters' | undefined => {
  if (!isPlain.test(body) && refused.test(body)) return 'characters';
  if (body.trim() === '') return 'length';
  if (body.length <= limits.bodyLengthMax) return undefined;
  let count = 0;
  for (const _ of body) count++;
  return count > limits.bodyLengthMax ? 'length' : undefined;
};

const mention = /<@([0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})>/g;

/** The people a body mentions as `<@userId>`, each once, at most `limits.mentionsMax`, in order of appearance. */
export const mentionsOf = (body: string): string[] => (body.includes('<@') ? mentionsIn(body) : []);

const mentionsIn = (body: string): string[] =>
  [...new Set(Array.from(body.matchAll(mention), (match) => match[1] ?? ''))].slice(0, limits.mentionsMax);
