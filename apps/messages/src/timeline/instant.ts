/** What PostgreSQL writes in a session whose time zone is UTC: `2026-11-22 21:47:32.12+00`, up to six digits behind the point. */
const isPlain = (text: string): boolean => text.endsWith('+00') && text.charCodeAt(10) === 0x20;

/** An instant as the wire has it, with milliseconds, of PostgreSQL's text. A page of the history holds fifty, and `Date` takes thrice as long to read and write one. */
export const toInstant = (text: string): string =>
  isPlain(text)
    ? `${text.slice(0, 10)}T${text.slice(11, 19)}.${text.slice(20, -3).slice(0, 3).padEnd(3, '0')}Z`
    : new Date(text).toISOString();
