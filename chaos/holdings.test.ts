import { describe, expect, it } from 'bun:test';
import { type Holdings, judgeHoldings } from './holdings.ts';
import { overLimits } from './judged.ts';

const megabyte = 1024 * 1024;
const holdings = (more: Partial<Holdings> = {}, resident = 100, descriptors = 50): Holdings => ({
  processes: new Map([
    ['bff', { residentBytes: resident * megabyte, descriptors }],
    ['redis', { residentBytes: 10 * megabyte, descriptors: 40 }],
  ]),
  ...{ connections: 20, redisBytes: megabyte, events: 100 },
  ...more,
});
const over = (after: Holdings) => overLimits(judgeHoldings(holdings(), after)).map(({ what }) => what);

describe('judgeHoldings', () => {
  it('lets a young process grow a little', () => expect(over(holdings({}, 200, 80))).toEqual([]));

  it('finds the process that kept memory, or connections', () => {
    expect(over(holdings({}, 300))).toEqual(['memory of bff, MB: 300, allowed is ≤ 238']);
    expect(over(holdings({}, 100, 500))).toEqual(['descriptors of bff: 500, allowed is ≤ 85']);
  });

  it('minds how many descriptors a service has, not which of its processes', () => {
    const two = (one: number, other: number) => {
      const of = (descriptors: number) => ({ residentBytes: megabyte, descriptors });
      return holdings({ processes: new Map(Object.entries({ bff: of(one), 'bff-2': of(other) })) });
    };
    const broke = (after: Holdings) => overLimits(judgeHoldings(two(200, 200), after)).length;
    expect(broke(two(400, 20))).toBe(0);
    expect(broke(two(400, 200))).toBe(1);
  });

  it('finds what stays in the stores', () => {
    expect(over(holdings({ connections: 100 }))).toHaveLength(1);
    expect(over(holdings({ redisBytes: 100 * megabyte }))).toHaveLength(1);
    expect(over(holdings({ events: 50_000 }))).toHaveLength(1);
  });
});
