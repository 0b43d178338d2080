import { describe, expect, it } from 'bun:test';
import { percentile } from './percentile.ts';

describe('percentile', () => {
  it('takes the value below which that share lies', () => {
    const values = Array.from({ length: 100 }, (_, at) => at + 1);
    expect([percentile(values, 0.5), percentile(values, 0.99), percentile(values, 1)]).toEqual([51, 100, 100]);
  });
});
