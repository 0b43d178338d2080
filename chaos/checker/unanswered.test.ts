import { describe, expect, it } from 'bun:test';
import type { HistoryEvent } from '../../dev/testing/history.ts';
import { brokenOffLater } from './unanswered.ts';

const broken = (at: number, ms: number, more: { op?: string; status?: number } = {}): HistoryEvent => ({
  ...{ at, who: 'ann', k: 'error', op: 'HTTP ticket', status: 0, code: 'no-answer', ms },
  ...more,
});
const later = (...events: HistoryEvent[]) => brokenOffLater(events, [10_000, 20_000]).length;

describe('brokenOffLater', () => {
  it('passes over what was under way when a process died', () =>
    expect(later(broken(10_020, 40), broken(20_300, 10), broken(25_000, 15_000))).toBe(0));

  it('finds what began after the deaths, or ended before them', () =>
    expect(later(broken(11_000, 400), broken(9000, 50), broken(40_000, 15_000))).toBe(3));

  it('looks at HTTP only, and at what nobody answered', () =>
    expect(later(broken(5000, 1, { op: 'message.send' }), broken(5000, 1, { status: 503 }))).toBe(0));
});
