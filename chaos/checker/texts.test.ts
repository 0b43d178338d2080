import { describe, expect, it } from 'bun:test';
import { type HistoryEvent, textHash } from '../../dev/testing/history.ts';
import { gatherEvidence, type Row } from './evidence.ts';
import { shownAsWritten } from './texts.ts';

const c = 'aaaaaaaa-room';
const row = (seq: number, rev: number, body: string | null): Row => ({
  ...{ c, seq, rev, id: `m${seq}`, clientId: `k${seq}`, senderId: 'ann', kind: 'text', body },
});
const seen = (seq: number, rev: number, body?: string): HistoryEvent => ({
  ...{ at: 0, who: 'bob', k: 'seen', c, seq, rev, id: `m${seq}`, clientId: `k${seq}`, via: 'push', canary: 'aaaaaaaa' },
  ...(body === undefined ? {} : { text: textHash(body) }),
});
const change = (clientId: string, seq: number, rev: number, body: string | null): HistoryEvent[] => [
  { at: 0, who: 'ann', k: 'change', c, clientId, seq, body },
  { at: 0, who: 'ann', k: 'changed', c, clientId, seq, rev },
];
const found = (events: HistoryEvent[], ...rows: Row[]) =>
  shownAsWritten(gatherEvidence(events, rows)).map(({ invariant }) => invariant);

describe('shownAsWritten', () => {
  it('I3: two texts are swapped', () => {
    const rows = [row(1, 1, 'one'), row(2, 2, 'two')];
    expect(found([seen(1, 1, 'one'), seen(2, 2, 'two')], ...rows)).toEqual([]);
    expect(found([seen(1, 1, 'two'), seen(2, 2, 'one')], ...rows)).toEqual(['I3', 'I3']);
  });

  it('I3: a tombstone comes with its text', () => {
    expect(found([seen(1, 1, 'one'), seen(1, 2, '')], row(1, 2, null))).toEqual([]);
    expect(found([seen(1, 1, 'one'), seen(1, 2, 'one')], row(1, 2, null))).toEqual(['I3']);
  });

  it('I3: an edit comes with the old text, also where a later one is in the database', () => {
    const changes = [...change('e1', 1, 2, 'new'), ...change('e2', 1, 3, null)];
    expect(found([...changes, seen(1, 2, 'new')], row(1, 3, null))).toEqual([]);
    expect(found([...changes, seen(1, 2, 'one')], row(1, 3, null))).toEqual(['I3']);
  });

  it('judges nothing where a history does not say which text it was', () =>
    expect(found([seen(1, 1)], row(1, 1, 'one'))).toEqual([]));
});
