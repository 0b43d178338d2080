import { describe, expect, it } from 'bun:test';
import { type Judged, judgedText, overLimits } from './judged.ts';

const figure = (value: number | null, limits: Partial<Judged>): Judged => ({
  ...{ invariant: 'I7', what: 'recovery, ms', value, ...limits },
});
const whats = (...judged: Judged[]) => overLimits(judged).map(({ what }) => what);

describe('overLimits', () => {
  it('finds what is over its most, under its least, or never came about', () => {
    expect(whats(figure(5, { max: 5 }), figure(5, { min: 5 }))).toEqual([]);
    expect(whats(figure(6, { max: 5 }), figure(4, { min: 5 }), figure(null, { max: 5 }))).toEqual([
      'recovery, ms: 6, allowed is ≤ 5',
      'recovery, ms: 4, allowed is ≥ 5',
      'recovery, ms: never, allowed is ≤ 5',
    ]);
  });
});

describe('judgedText', () => {
  it('says value and limits', () =>
    expect(judgedText(figure(1.234, { min: 1, max: 2 }))).toBe('recovery, ms 1.23 (≥ 1 and ≤ 2)'));
});
