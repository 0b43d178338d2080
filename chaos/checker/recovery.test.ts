import { describe, expect, it } from 'bun:test';
import type { Mark } from '../outcome.ts';
import { measureRecovery } from './recovery.ts';

describe('measureRecovery', () => {
  const over = (at: number): Mark => ({ at, what: 'kill -9', isOver: true });
  const steady = (from: number, to: number) => Array.from({ length: (to - from) / 5 }, (_, at) => from + at * 5);
  const input = { baseline: { from: 0, to: 10_000 }, plannedPerSecond: 200, marks: [over(10_000)], endedAt: 20_000 };

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

  it('takes no burst before the fault for what is to come back', () => {
    const late = Array.from({ length: 200 }, () => 1000);
    const { baselinePerSecond, maxMs } = measureRecovery({ ...input, ackedAt: [...late, ...steady(0, 20_000)] });
    expect(baselinePerSecond).toBe(200);
    expect(maxMs).toBe(0);
  });

  describe('at 300 a second', () => {
    const even = (from: number, to: number, perSecond: number) =>
      Array.from({ length: ((to - from) * perSecond) / 1000 }, (_, n) => from + (n * 1000) / perSecond);
    const before = even(0, 10_000, 300);
    const long = { ...input, plannedPerSecond: 300, endedAt: 30_000 };
    const recoveryOf = (...acked: number[][]) => measureRecovery({ ...long, ackedAt: [before, ...acked].flat() }).maxMs;

    it('has not recovered with four fifths', () => expect(recoveryOf(even(10_000, 30_000, 240))).toBeNull());

    it('has not recovered with a burst of what waited, and four fifths', () =>
      expect(recoveryOf(even(12_000, 12_500, 1440), even(12_500, 30_000, 240))).toBeNull());

    it('has recovered where the burst begins, when all is answered from then on', () => {
      const recoveredMs = recoveryOf(even(12_000, 12_500, 1500), even(12_500, 30_000, 300));
      expect(recoveredMs).toBeGreaterThan(1500);
      expect(recoveredMs).toBeLessThanOrEqual(2000);
    });

    it('bears what is late by a moment now and then', () => {
      const late = even(10_000, 30_000, 300).map((at) => (at % 5000 < 150 ? at - (at % 5000) + 150 : at));
      expect(recoveryOf(late)).toBeLessThanOrEqual(150);
    });

    it('judges up to the next injection where processes are killed again and again', () => {
      const kills = [10_000, 13_000, 16_000];
      // Each takes a second to be noticed.
      const acked = [before, ...[11_000, 14_000].map((at) => even(at, at + 2000, 300)), even(17_000, 30_000, 300)];
      const { recoveredMs } = measureRecovery({ ...long, marks: kills.map(over), ackedAt: acked.flat() });
      for (const ms of recoveredMs) expect(ms).toBeWithin(700, 1001);
    });

    it('took at least until the next mark where it had not recovered by then', () => {
      const acked = [before, even(19_000, 30_000, 300)].flat();
      const next: Mark = { at: 18_000, what: 'SIGSTOP', isOver: false };
      const marks = [over(10_000), over(16_000), next, over(19_000)];
      expect(measureRecovery({ ...long, marks, ackedAt: acked }).recoveredMs).toEqual([6000, 2000, 0]);
    });
  });
});
