import { describe, expect, it } from 'bun:test';
import { overLimits } from './judged.ts';
import { loadFigures } from './load-figures.ts';

const plan = { messagesPerSecond: 300 };
const broke = (acked: number, baselinePerSecond: number, more: { isShort?: boolean; loud?: number } = {}) =>
  overLimits(
    loadFigures(
      { acked, baselinePerSecond },
      {
        plan: more.loud === undefined ? plan : { ...plan, loud: { messagesPerSecond: more.loud } },
        isShort: more.isShort ?? false,
      },
    ),
  ).map(({ what }) => what);

describe('loadFigures', () => {
  it('wants what was planned to be done while nothing is wrong', () => {
    expect(broke(20_000, 271)).toEqual([]);
    expect(broke(20_000, 269)).toEqual(['acknowledged a second before the fault: 269, allowed is ≥ 270']);
    expect(broke(20_000, 300, { loud: 80 })).toHaveLength(1);
  });

  it('lets a short run, beside others, do half of it', () => {
    expect(broke(500, 151, { isShort: true })).toEqual([]);
    expect(broke(500, 149, { isShort: true })).toHaveLength(1);
  });

  it('finds a run in which nothing was said', () => expect(broke(0, 0)).toHaveLength(2));
});
