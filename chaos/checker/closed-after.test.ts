import { describe, expect, it } from 'bun:test';
import type { HistoryEvent } from '../../dev/testing/history.ts';
import { closedAfterMs } from './closed-after.ts';

const resumed = (at: number, who: string): HistoryEvent => ({ at, who, k: 'resumed' });
const closed = (at: number, who: string): HistoryEvent => ({ at, who, k: 'closed', code: 1006 });
const both = [resumed(1, 'ann'), resumed(2, 'bob')];

describe('closedAfterMs', () => {
  it('waits for the last one, and for its first end only', () => {
    expect(closedAfterMs([...both, closed(150, 'ann'), closed(170, 'bob'), closed(900, 'ann')], 100, 1000)).toBe(70);
  });

  it('knows that one was never closed, or too late', () => {
    expect(closedAfterMs([...both, closed(150, 'ann')], 100, 1000)).toBeNull();
    expect(closedAfterMs([...both, closed(150, 'ann'), closed(1001, 'bob')], 100, 1000)).toBeNull();
  });

  it('leaves out who was away already, or came later', () => {
    const away = [...both, closed(50, 'bob'), { at: 60, who: 'eve', k: 'signed-out' } as const, resumed(120, 'carol')];
    expect(closedAfterMs([...away, closed(150, 'ann')], 100, 1000)).toBe(50);
  });

  it('says nothing where nobody was online', () => {
    expect(closedAfterMs([closed(150, 'ann')], 100, 1000)).toBeNull();
  });
});
