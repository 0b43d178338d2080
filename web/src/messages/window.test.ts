import { describe, expect, it } from 'bun:test';
import { latestWindow, stopped, type TimelineWindow, trimmed, widenedDown, widenedUp, windowAround } from './window.ts';

const all = { low: 1, high: 100_000 };
const rowsIn = ({ from, to }: TimelineWindow) => (to === 'end' ? all.high : to) - from + 1;
/** What is near when the reader stands at the top or at the bottom of a window, and sixty rows are. */
const atTop = (window: TimelineWindow) => ({ first: window.from, last: window.from + 60 });
const atBottom = (window: TimelineWindow) => {
  const last = window.from + rowsIn(window) - 1;
  return { first: last - 60, last };
};

describe('window', () => {
  it('never holds more than a few hundred rows, all the way up and down again', () => {
    let window = latestWindow(all);
    let most = 0;
    while (window.from > 1) {
      const next = widenedUp(window, all, { rows: 8, near: atTop(window) });
      expect(next.from).toBeLessThan(window.from);
      window = next;
      most = Math.max(most, rowsIn(window));
    }
    expect(window.to).not.toBe('end');
    while (window.to !== 'end') {
      window = widenedDown(window, all, { rows: 8, near: atBottom(window) });
      most = Math.max(most, rowsIn(window));
    }
    expect(most).toBeLessThanOrEqual(120);
  });

  it('keeps what is near, however much comes', () => {
    const window = { from: 5000, to: 5099 };
    const near = { first: 5000, last: 5099 };
    expect(widenedUp(window, all, { rows: 16, near })).toEqual({ from: 4984, to: 5099 });
    expect(widenedDown(window, all, { rows: 16, near })).toEqual({ from: 5000, to: 5115 });
  });

  it('lets what is far go, at most twice as many rows as come', () => {
    const window = { from: 5000, to: 5099 };
    expect(widenedUp(window, all, { rows: 4, near: { first: 5000, last: 5095 } })).toEqual({ from: 4996, to: 5095 });
    expect(widenedUp(window, all, { rows: 4, near: { first: 5000, last: 5020 } })).toEqual({ from: 4996, to: 5091 });
    expect(widenedDown(window, all, { rows: 4, near: { first: 5003, last: 5099 } })).toEqual({ from: 5003, to: 5103 });
    expect(widenedDown(window, all, { rows: 4, near: { first: 5090, last: 5099 } })).toEqual({ from: 5008, to: 5103 });
  });

  it('follows the end while the newest message is near, and no longer', () => {
    const window: TimelineWindow = { from: 99_950, to: 'end' };
    expect(widenedUp(window, all, { rows: 4, near: { first: 99_950, last: 100_000 } }).to).toBe('end');
    expect(widenedUp(window, all, { rows: 4, near: { first: 99_950, last: 99_997 } }).to).toBe(99_997);
  });

  it('follows the newest message without growing for ever', () => {
    expect(trimmed({ from: 99_000, to: 'end' }, all)).toEqual({ from: 99_841, to: 'end' });
    expect(trimmed({ from: 99_900, to: 'end' }, all)).toEqual({ from: 99_900, to: 'end' });
  });

  it('stops following the newest message rather than grow while that is not in sight', () => {
    expect(stopped({ from: 99_700, to: 'end' }, all)).toEqual({ from: 99_700, to: 99_919 });
    for (const window of [{ from: 99_900, to: 'end' } as const, { from: 700, to: 99_000 }]) {
      expect(stopped(window, all)).toBe(window);
    }
  });

  it('stands around a message that was jumped to', () => {
    const { from, to } = windowAround(700, all);
    expect(from).toBeLessThan(700);
    expect(to).toBeGreaterThan(700);
    expect(windowAround(99_990, all).to).toBe('end');
  });
});
