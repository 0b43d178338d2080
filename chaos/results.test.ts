import { describe, expect, it } from 'bun:test';
import type { Outcome } from './outcome.ts';
import { pageOf, type Result, resultOf } from './results.ts';

const at = new Date('2026-01-02T03:04:05Z');
const result = (fault: string, seed: number, more: Partial<Result> = {}): Result => ({
  ...{ at: at.toISOString(), commit: 'abc1234', fault, title: 'a fault', seed, verdict: 'passed', acked: 20_000 },
  ...more,
});

describe('pageOf', () => {
  it('shows the newest result of each fault and seed, in order of the catalogue', () => {
    const page = pageOf([
      result('NEMESIS', 1),
      result('F10', 1),
      result('F2', 1, { verdict: 'failed', violations: 3 }),
      result('F2', 1, { acked: 30_000 }),
      result('F2', 2, { verdict: 'skipped', reason: 'no iptables' }),
    ]);
    const rows = page.split('\n').filter((line) => /^\| (F|N)/.test(line));
    expect(rows.map((row) => row.split(' ')[1])).toEqual(['F2', 'F2', 'F10', 'NEMESIS']);
    expect(rows[0]).toContain('| passed | 30 000 |');
    expect(rows[1]).toContain('skipped: no iptables');
    expect(page).toContain('90 000 acknowledged messages, 0 failed runs');
  });
});

describe('resultOf', () => {
  it('keeps the reason of what was skipped', () => {
    const outcome: Outcome = { fault: 'F9', title: 'x', seed: 3, seconds: 0, verdict: 'skipped', reason: 'no right' };
    expect(resultOf(outcome, 'abc', at)).toEqual({
      ...{
        at: at.toISOString(),
        commit: 'abc',
        fault: 'F9',
        title: 'x',
        seed: 3,
        verdict: 'skipped',
        reason: 'no right',
      },
    });
  });
});
