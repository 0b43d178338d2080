import { describe, expect, it } from 'bun:test';
import type { HistoryEvent } from '../../dev/testing/history.ts';
import { gatherEvidence, type Row } from './evidence.ts';
import { systemRowsExplained } from './system-rows.ts';

const c = 'aaaaaaaa-room';
const joined = (who: string, by?: string): HistoryEvent => ({
  ...{ at: 0, who, k: 'joined', c },
  ...(by === undefined ? {} : { by }),
});
const leaves: HistoryEvent = { at: 5, who: 'bob#1', k: 'leaves', c };
const system = (seq: number, senderId: string): Row => ({
  ...{ c, seq, rev: seq, id: `m${seq}`, clientId: `s${seq}`, senderId, kind: 'system', body: '' },
});
const found = (events: HistoryEvent[], ...rows: Row[]) =>
  systemRowsExplained(gatherEvidence(events, rows)).map(({ invariant }) => invariant);

describe('systemRowsExplained', () => {
  const bob = [joined('bob#1', 'bob'), joined('bob#2', 'bob')];

  it('lets a person come, on however many devices, and go', () => {
    expect(found(bob, system(1, 'bob'))).toEqual([]);
    expect(found([...bob, leaves], system(1, 'bob'), system(2, 'bob'))).toEqual([]);
  });

  it('I2: somebody came twice, or never came', () => {
    expect(found(bob, system(1, 'bob'), system(2, 'bob'))).toEqual(['I2']);
    expect(found(bob, system(1, 'bob'), system(2, 'eve'))).toEqual(['I2']);
  });

  it('judges nothing where a history does not say who joined', () =>
    expect(found([joined('ann')], system(1, 'eve'))).toEqual([]));
});
