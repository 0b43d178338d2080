import { describe, expect, it } from 'bun:test';
import type { HistoryEvent } from '../../dev/testing/history.ts';
import { overLimits } from '../judged.ts';
import { sentAway } from './sent-away.ts';

const mark = { at: 1000, what: 'SIGTERM bff', isOver: true };
const closed = (who: string, code: number, at = 1500): HistoryEvent => ({ at, who, k: 'closed', code });
const goaway = (who: string): HistoryEvent => ({ at: 1100, who, k: 'goaway' });
const goes = (who: string): HistoryEvent => ({ at: 1400, who, k: 'goes' });
const broke = (...events: HistoryEvent[]) => overLimits(sentAway(events, mark)).map(({ what }) => what);

describe('sentAway', () => {
  it('lets clients be closed with 4001, go by themselves once they were told, and be signed out', () => {
    const gone = [goaway('bob'), goes('bob'), closed('bob', 1000)];
    expect(broke(goaway('ann'), closed('ann', 4001), ...gone, closed('eve', 4501))).toEqual([]);
    expect(broke(closed('ann', 4001), goaway('bob'), goes('bob'), closed('bob', 1006))).toEqual([]);
  });

  it('finds who was cut, and who went without a word', () => {
    expect(broke(closed('ann', 4001), closed('bob', 1006))).toHaveLength(1);
    expect(broke(closed('ann', 4001), goaway('bob'), closed('bob', 1006))).toHaveLength(1);
    expect(broke(closed('ann', 4001), goes('bob'), closed('bob', 1000))).toHaveLength(1);
    const gone = [goaway('bob'), goes('bob'), closed('bob', 1000)];
    expect(broke(closed('ann', 4001), ...gone, closed('bob', 1006))).toHaveLength(1);
  });

  it('wants somebody to have been closed so, and minds that time only', () => {
    expect(broke()).toEqual(['SIGTERM bff: sockets closed with 4001: 0, allowed is ≥ 1']);
    expect(broke(closed('ann', 4001), closed('bob', 1006, 900), closed('bob', 1006, 9000))).toEqual([]);
  });
});
