import { describe, expect, it } from 'bun:test';
import { messageOf, range } from '../../test/people.ts';
import { emptyTimeline, keep, keepFirstPage, slice } from './timeline.ts';

const loaded = (from: number, to: number) => {
  const timeline = emptyTimeline();
  keepFirstPage(timeline, { items: range(from, to).map((seq) => messageOf(seq)), headSeq: to, headRev: to });
  return timeline;
};
const seqs = (timeline: ReturnType<typeof loaded>) => slice(timeline, 1, 1000).map(({ seq }) => seq);

describe('timeline', () => {
  it('takes the first page as its range and its head as what it has', () => {
    const timeline = loaded(51, 100);
    expect({ low: timeline.low, high: timeline.high, have: timeline.have }).toEqual({ low: 51, high: 100, have: 100 });
  });

  it('grows by a new message', () => {
    const timeline = loaded(1, 3);
    keep(timeline, [messageOf(4)]);
    expect(seqs(timeline)).toEqual([1, 2, 3, 4]);
  });

  it('shows nothing beyond a missing message', () => {
    const timeline = loaded(1, 3);
    keep(timeline, [messageOf(5)]);
    expect(seqs(timeline)).toEqual([1, 2, 3]);
    keep(timeline, [messageOf(4)]);
    expect(seqs(timeline)).toEqual([1, 2, 3, 4, 5]);
  });

  it('grows upwards by an older page', () => {
    const timeline = loaded(51, 60);
    keep(
      timeline,
      range(31, 50).map((seq) => messageOf(seq)),
    );
    expect(timeline.low).toBe(31);
    expect(seqs(timeline)).toEqual(range(31, 60));
  });

  it('keeps the state with the higher rev, whichever came first', () => {
    const timeline = loaded(1, 3);
    keep(timeline, [messageOf(2, { rev: 9, body: 'newer' })]);
    keep(timeline, [messageOf(2, { rev: 7, body: 'older' })]);
    expect(slice(timeline, 2, 2).map(({ body }) => body)).toEqual(['newer']);
  });

  it('keeps a pushed state for a page that was read before it', () => {
    const timeline = emptyTimeline();
    keep(timeline, [messageOf(2, { rev: 8, body: 'edited meanwhile' })]);
    keepFirstPage(timeline, { items: [messageOf(1), messageOf(2), messageOf(3)], headSeq: 3, headRev: 7 });
    expect(slice(timeline, 1, 3).map(({ body }) => body)).toEqual(['message 1', 'edited meanwhile', 'message 3']);
  });

  it('can be empty', () => {
    const timeline = emptyTimeline();
    keepFirstPage(timeline, { items: [], headSeq: 0, headRev: 0 });
    expect(seqs(timeline)).toEqual([]);
    keep(timeline, [messageOf(1)]);
    expect(seqs(timeline)).toEqual([1]);
  });
});
