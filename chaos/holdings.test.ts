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

  it('finds what stays in the stores', () => {
    expect(over(holdings({ connections: 60 }))).toHaveLength(1);
    expect(over(holdings({ redisBytes: 100 * megabyte }))).toHaveLength(1);
    expect(over(holdings({ events: 5000 }))).toHaveLength(1);
  });
});
