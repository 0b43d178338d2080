import { describe, expect, it } from 'bun:test';
import type { HistoryEvent } from '../../dev/testing/history.ts';
import { plot } from './plot.ts';
import { seriesOf } from './series.ts';

const seen = { k: 'seen', c: 'c', seq: 1, rev: 1, id: 'm', clientId: 'k', via: 'push' } as const;
const events: HistoryEvent[] = [
  { at: 1000, who: 'ann', k: 'send', c: 'c', clientId: 'k', body: 'a' },
  { at: 1010, who: 'ann', k: 'ack', c: 'c', clientId: 'k', id: 'm', seq: 1 },
  { at: 1600, who: 'bob', ...seen },
];

describe('seriesOf', () => {
  it('counts by stretches, and tells the longest lag of each', () => {
    const { sends, acks, deliveries, lagMs } = seriesOf(events, 250);
    expect({ sends, acks, deliveries, lagMs }).toEqual({
      ...{ sends: [1, 0, 0], acks: [1, 0, 0], deliveries: [0, 0, 1], lagMs: [0, 0, 600] },
    });
  });

  it('is empty where nothing was sent', () => expect(seriesOf([]).sends).toEqual([0]));
});

describe('plot', () => {
  it('draws the moment of the fault, and escapes what it says', () => {
    const svg = plot(seriesOf(events, 250), [{ at: 1300, what: '<kill>', isOver: true }]);
    expect(svg).toContain('<title>&lt;kill&gt;</title>');
    expect(svg.match(/<polyline/g)).toHaveLength(4);
  });
});
