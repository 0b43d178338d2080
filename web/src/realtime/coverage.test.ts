import { describe, expect, it } from 'bun:test';
import { verdictOn } from './coverage.ts';

describe('verdictOn', () => {
  it.each([
    ['drops what is known', 5, { after: 4, to: 5 }, 'drop'],
    ['drops what is older', 5, { after: 1, to: 3 }, 'drop'],
    ['applies what joins on', 5, { after: 5, to: 6 }, 'apply'],
    ['applies what overlaps', 5, { after: 2, to: 9 }, 'apply'],
    ['fetches over a hole', 5, { after: 6, to: 7 }, 'fetch'],
    ['applies the first change of all', 0, { after: 0, to: 1 }, 'apply'],
  ] as const)('%s', (_name, have, coverage, verdict) => {
    expect(verdictOn(have, coverage)).toBe(verdict);
  });
});
