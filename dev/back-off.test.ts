import { describe, expect, it } from 'bun:test';
import { earlierDeaths, restartDelayMs } from './back-off.ts';

describe('restartDelayMs', () => {
  it('restarts at once, then after 0.2 s growing to 2 s', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 1_000].map(restartDelayMs)).toEqual([0, 200, 400, 800, 1_600, 2_000, 2_000, 2_000]);
  });
});

describe('earlierDeaths', () => {
  it('forgives a part that was up for two seconds', () => {
    expect(earlierDeaths(4, 1_999)).toBe(4);
    expect(earlierDeaths(4, 2_000)).toBe(0);
  });
});
