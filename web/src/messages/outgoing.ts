import { limits } from '@chatapp/contract/limits';

/** The text as it is sent: NFC, line feeds, nothing around it. */
export const outgoingBody = (text: string): string => text.replace(/\r\n?/g, '\n').normalize('NFC').trim();

/** By how many characters (code points) a text is too long; 0 when it fits. */
export const excessOf = (body: string): number => {
  if (body.length <= limits.bodyLengthMax) return 0;
  return Math.max(0, Array.from(body).length - limits.bodyLengthMax);
};
