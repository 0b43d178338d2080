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
      result('F3', 1, { verdict: 'failed', reason: 'this | that', acked: 0 }),
    ]);
    const rows = page.split('\n').filter((line) => /^\| (F|N)/.test(line));
    expect(rows.map((row) => row.split(' ')[1])).toEqual(['F2', 'F2', 'F3', 'F10', 'NEMESIS']);
    expect(rows[0]).toContain('| passed | 1 of 1 | 30 000 |');
    expect(rows[1]).toContain('skipped: no iptables');
    expect(rows[2]).toContain('failed: this / that');
    expect(page).toContain('90 000 acknowledged messages, 1 failed runs');
  });

  it('tells of earlier runs that failed, whatever the newest one says', () => {
    const failed = { verdict: 'failed' } as const;
    const page = pageOf([
      ...[result('F2', 1, failed), result('F2', 1), result('F2', 1, failed), result('F2', 1)],
      ...[result('F2', 2), result('F2', 2, failed), result('F3', 1)],
    ]);
    const rows = page.split('\n').filter((line) => line.startsWith('| F'));
    expect(rows[0]).toContain('| 1 | passed | 2 of 3 |');
    expect(rows[1]).toContain('| 2 | failed | 0 of 1 |');
    expect(rows[2]).toContain('| 1 | passed | – |');
    expect(page).toContain('2 of the 4 earlier runs of the same faults and seeds failed.');
  });

  it('says how big a run was, as far as it is known, and what differs from the catalogue', () => {
    const size = { clients: 200, messagesPerSecond: 300, seconds: 101, amount: '20 crashes' };
    const page = pageOf([result('F2', 1, size), result('F3', 1)], [{ id: 'F1' }, { id: 'F2', differs: 'fewer.' }]);
    expect(page).toContain('| F2 a fault | 200 clients, 300 messages/s, 101 s, 20 crashes | 1 |');
    expect(page).toContain('| F3 a fault | – | 1 |');
    expect(page).toEndWith('- F2: fewer.\n');
    expect(page).toContain('- I8, in every fault: 10 % more');
    expect(page).not.toContain('- F1');
    expect(page).not.toContain('I5 and I6');
  });

  it('says where an end may be found late', () => {
    const late = [
      { id: 'F8', check: { sessionSlackMs: 61_000, leavingSlackMs: 61_000 } },
      { id: 'F5', check: { leavingSlackMs: 61_000 } },
    ];
    const page = pageOf([], [...late, { id: 'F1' }]);
    expect(page).toContain(
      '- I5 and I6: what ended may go on for a second; for 61 s a membership in F8, F5, and a session in F8.',
    );
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
        seconds: 0,
        reason: 'no right',
      },
    });
  });
});
