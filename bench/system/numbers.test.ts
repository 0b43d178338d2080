import { describe, expect, it } from 'bun:test';
import { median, percentile, rounded } from './numbers.ts';

describe('median', () => {
  it('is the middle one, whatever the order', () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  it('is the mean of the middle two of an even number', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  it('is no number of none', () => {
    expect(median([])).toBeNaN();
  });
});

describe('percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, at) => at + 1);

  it('is what so many do not exceed', () => {
    expect(percentile(hundred, 0.5)).toBe(50);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile(hundred, 1)).toBe(100);
  });

  it('is the one value there is', () => {
    expect(percentile([7], 0.99)).toBe(7);
  });
});

describe('rounded', () => {
  it('keeps three digits', () => {
    expect(rounded(1234.5)).toBe(1230);
    expect(rounded(0.012_345)).toBe(0.0123);
  });
});
