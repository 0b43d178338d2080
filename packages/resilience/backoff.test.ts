import { describe, expect, it } from 'bun:test';
import fc from 'fast-check';
import { fullJitter } from './backoff.ts';

describe('fullJitter', () => {
  it('stays between 0 and the doubled base, never above the cap', () => {
    const inputs = fc.record({
      attempt: fc.integer({ min: 1, max: 40 }),
      baseMs: fc.integer({ min: 1, max: 5_000 }),
      capMs: fc.integer({ min: 1, max: 60_000 }),
      chance: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    });
    fc.assert(
      fc.property(inputs, ({ attempt, baseMs, capMs, chance }) => {
        const pause = fullJitter({ attempt, baseMs, capMs, random: () => chance });
        expect(pause).toBeGreaterThanOrEqual(0);
        expect(pause).toBeLessThanOrEqual(Math.min(capMs, baseMs * 2 ** (attempt - 1)));
      }),
    );
  });

  it('uses the whole interval', () => {
    const pause = (chance: number) => fullJitter({ attempt: 3, baseMs: 100, capMs: 10_000, random: () => chance });
    expect(pause(0)).toBe(0);
    expect(pause(0.5)).toBe(200);
    expect(pause(0.999)).toBeCloseTo(399.6);
  });
});
