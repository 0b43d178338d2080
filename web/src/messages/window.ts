/**
 * The part of the loaded range that is in the page: a conversation of 100 000 messages never has more than a few hundred elements.
 * `to` is `end` while it follows the newest message.
 */
export type TimelineWindow = { from: number; to: number | 'end' };
export type LoadedRange = { low: number; high: number };

const aroundRows = 60;
const rowsMax = 160;
const startRows = 100;

/** A step of scrolling: how many rows it may bring, and which of those that are in the page are still near enough to stay. */
export type Step = { rows: number; near: { first: number; last: number } };

/** The newest messages. */
export const latestWindow = ({ low, high }: LoadedRange, atLeast = startRows): TimelineWindow => ({
  from: Math.max(low, high - atLeast + 1),
  to: 'end',
});

/** More above; what is far below goes, by so much a step that it costs no more than what comes. */
export const widenedUp = (
  { from, to }: TimelineWindow,
  { low, high }: LoadedRange,
  { rows, near }: Step,
): TimelineWindow => {
  const last = to === 'end' ? high : to;
  const keep = Math.max(near.last, last - 2 * rows);
  return { from: Math.max(low, from - rows), to: keep < last ? keep : to };
};

/** More below; what is far above goes. */
export const widenedDown = (
  { from, to }: TimelineWindow,
  { high }: LoadedRange,
  { rows, near }: Step,
): TimelineWindow => {
  if (to === 'end') return { from, to };
  const next = to + rows;
  return { from: Math.max(from, Math.min(near.first, from + 2 * rows)), to: next >= high ? 'end' : next };
};

/** A window that follows the newest message is kept from growing without end. */
export const trimmed = (window: TimelineWindow, { high }: LoadedRange): TimelineWindow =>
  isLong(window, high) ? { from: high - rowsMax + 1, to: 'end' } : window;

const isLong = ({ from, to }: TimelineWindow, high: number): boolean =>
  to === 'end' && high - from >= rowsMax + aroundRows;

/** Nor does one whose end is not in sight: what comes then waits below it. */
export const stopped = (window: TimelineWindow, { high }: LoadedRange): TimelineWindow =>
  isLong(window, high) ? { from: window.from, to: window.from + rowsMax + aroundRows - 1 } : window;

/** The surroundings of one message. */
export const windowAround = (seq: number, { low, high }: LoadedRange): TimelineWindow => {
  const from = Math.max(low, seq - aroundRows);
  const to = from + rowsMax - 1;
  return { from, to: to >= high ? 'end' : to };
};
