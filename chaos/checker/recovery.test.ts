import { describe, expect, it } from 'bun:test';
import { measureRecovery } from './recovery.ts';

describe('measureRecovery', () => {
  const steady = (from: number, to: number) => Array.from({ length: (to - from) / 5 }, (_, at) => from + at * 5);
  const input = { baseline: { from: 0, to: 10_000 }, injectedAt: [10_000], endedAt: 20_000 };

  it('finds nothing to recover from where nothing went down', () => {
    const { baselinePerSecond, maxMs } = measureRecovery({ ...input, ackedAt: steady(0, 20_000) });
    expect(baselinePerSecond).toBe(200);
    expect(maxMs).toBe(0);
  });

  it('measures how long nothing was acknowledged', () => {
    const { maxMs } = measureRecovery({ ...input, ackedAt: [...steady(0, 10_000), ...steady(13_000, 20_000)] });
    expect(maxMs).toBeGreaterThan(2500);
    expect(maxMs).toBeLessThanOrEqual(3000);
  });

  it('says when it never recovered', () => {
    const { maxMs, recoveredMs } = measureRecovery({ ...input, ackedAt: [...steady(0, 10_000), 12_000, 15_000] });
    expect(maxMs).toBeNull();
    expect(recoveredMs).toEqual([null]);
  });
});
