import { text } from './text.ts';

/** Times as this browser's language and zone write them. All take ms since the epoch. */

const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' });
const shortDate = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const longDate = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const withYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' });
const names = new Intl.ListFormat('en', { type: 'conjunction' });

export const timeOf = (at: number): string => time.format(at);
export const fullTimeOf = (at: number): string => full.format(at);
/** "until 29 Nov, 10:42". */
export const untilOf = (at: number): string => text.invite.until(`${shortDate.format(at)}, ${timeOf(at)}`);
/** "Ann, Bob and Carol". */
export const listOf = (items: readonly string[]): string => names.format(items);

/** The calendar day in the local zone, as a key. */
export const dayOf = (at: number): string => {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
};

const daysAgo = (at: number, now: number): number => {
  const start = (ms: number) => new Date(ms).setHours(0, 0, 0, 0);
  return Math.round((start(now) - start(at)) / 86_400_000);
};

/** The heading of a day in the timeline. */
export const dayHeading = (at: number, now: number): string => {
  const days = daysAgo(at, now);
  if (days <= 0) return text.timeline.today;
  if (days === 1) return text.timeline.yesterday;
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? longDate.format(at) : withYear.format(at);
};

/** The time in the conversation list: the hour today, then the day, then the date. */
export const whenOf = (at: number, now: number): string => {
  const days = daysAgo(at, now);
  if (days <= 0) return timeOf(at);
  if (days === 1) return text.timeline.yesterday;
  if (days < 7) return weekday.format(at);
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? shortDate.format(at) : withYear.format(at);
};
