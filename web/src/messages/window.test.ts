import { describe, expect, it } from 'bun:test';
import { latestWindow, type TimelineWindow, trimmed, widenedDown, widenedUp, windowAround } from './window.ts';

const all = { low: 1, high: 100_000 };
const rowsIn = ({ from, to }: TimelineWindow) => (to === 'end' ? all.high : to) - from + 1;

describe('window', () => {
  it('never holds more than a few hundred rows, all the way up and down again', () => {
    let window = latestWindow(all);
    let most = 0;
    while (window.from > 1) {
      const next = widenedUp(window, all);
      expect(next.from).toBeLessThan(window.from);
      window = next;
      most = Math.max(most, rowsIn(window));
    }
    expect(window.to).not.toBe('end');
    while (window.to !== 'end') {
      window = widenedDown(window, all);
      most = Math.max(most, rowsIn(window));
    }
    expect(most).toBeLessThanOrEqual(220);
  });

  it('overlaps with what was there before, so that the place is kept', () => {
    const window = { from: 5000, to: 5159 };
    expect(widenedUp(window, all)).toEqual({ from: 4992, to: 5151 });
    expect(widenedDown(window, all)).toEqual({ from: 5008, to: 5167 });
  });

  it('follows the newest message without growing for ever', () => {
    expect(trimmed({ from: 99_000, to: 'end' }, all)).toEqual({ from: 99_841, to: 'end' });
    expect(trimmed({ from: 99_900, to: 'end' }, all)).toEqual({ from: 99_900, to: 'end' });
  });

  it('stands around a message that was jumped to', () => {
    const { from, to } = windowAround(700, all);
    expect(from).toBeLessThan(700);
    expect(to).toBeGreaterThan(700);
    expect(windowAround(99_990, all).to).toBe('end');
  });
});
