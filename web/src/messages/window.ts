/**
 * The part of the loaded range that is in the page: a conversation of 100 000 messages never has more than a few hundred elements.
 * `to` is `end` while it follows the newest message.
 */
export type TimelineWindow = { from: number; to: number | 'end' };
export type LoadedRange = { low: number; high: number };

// So few that a slow machine draws them within a frame; the next come with the next frame.
const stepRows = 8;
const aroundRows = 60;
const rowsMax = 160;
const startRows = 100;

/** The newest messages. */
export const latestWindow = ({ low, high }: LoadedRange, atLeast = startRows): TimelineWindow => ({
  from: Math.max(low, high - atLeast + 1),
  to: 'end',
});

/** More above; what is far below goes. */
export const widenedUp = ({ from, to }: TimelineWindow, { low, high }: LoadedRange): TimelineWindow => {
  const next = Math.max(low, from - stepRows);
  const last = to === 'end' ? high : to;
  return last - next >= rowsMax ? { from: next, to: next + rowsMax - 1 } : { from: next, to };
};

/** More below; what is far above goes. */
export const widenedDown = ({ from, to }: TimelineWindow, { high }: LoadedRange): TimelineWindow => {
  if (to === 'end') return { from, to };
  const next = to + stepRows;
  const last = Math.min(next, high);
  return { from: Math.max(from, last - rowsMax + 1), to: next >= high ? 'end' : next };
};

/** A window that follows the newest message is kept from growing without end. */
export const trimmed = (window: TimelineWindow, { high }: LoadedRange): TimelineWindow =>
  window.to === 'end' && high - window.from >= rowsMax + aroundRows ? { from: high - rowsMax + 1, to: 'end' } : window;

/** The surroundings of one message. */
export const windowAround = (seq: number, { low, high }: LoadedRange): TimelineWindow => {
  const from = Math.max(low, seq - aroundRows);
  const to = from + rowsMax - 1;
  return { from, to: to >= high ? 'end' : to };
};
