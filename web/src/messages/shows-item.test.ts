import { describe, expect, it } from 'bun:test';
import { ann, bob, harbour, messageOf, range } from '../../test/people.ts';
import type { OutboxOp, ShownItem } from '../outbox/outbox-item.ts';
import { showsItem } from './shows-item.ts';
import { emptyTimeline, keepFirstPage } from './timeline.ts';

/** Messages 451 to 500. */
const timelineOf = (...more: Parameters<typeof messageOf>[]) => {
  const timeline = emptyTimeline();
  const items = range(451, 500).map((seq) => messageOf(seq));
  for (const [seq, state] of more) items[seq - 451] = messageOf(seq, state);
  keepFirstPage(timeline, { items, headSeq: 500, headRev: 500 });
  return timeline;
};
const itemOf = (op: OutboxOp, settled: ShownItem['settled']): ShownItem => ({
  ...{ clientId: 'mine', userId: ann, conversationId: harbour, order: 1, at: 0, op, attempts: 1, failed: null },
  phase: 'sent',
  ...(settled && { settled }),
});
const send = (seq: number) => itemOf({ kind: 'send', body: 'A', replyTo: null }, { seq, rev: seq });
const edit = (seq: number, rev: number) => itemOf({ kind: 'edit', seq, body: 'B' }, { seq, rev });

describe('showsItem, of a new message', () => {
  it('is true where the message stands', () => {
    expect(showsItem(timelineOf([470, { clientId: 'mine' }]), send(470))).toBe(true);
  });

  it('is false before the first page, and while the message has not come', () => {
    expect(showsItem(emptyTimeline(), send(1))).toBe(false);
    expect(showsItem(timelineOf(), send(501))).toBe(false);
  });

  it('is true when 400 others came since: below the newest it would stand at the wrong place', () => {
    expect(showsItem(timelineOf(), send(100))).toBe(true);
    expect(showsItem(timelineOf(), send(450))).toBe(true);
  });
});

describe('showsItem, of a change', () => {
  it('waits for the state of the message that has it', () => {
    expect(showsItem(timelineOf(), edit(470, 501))).toBe(false);
    expect(showsItem(timelineOf([470, { rev: 501 }]), edit(470, 501))).toBe(true);
    expect(showsItem(timelineOf([470, { rev: 502 }]), edit(470, 501))).toBe(true);
  });

  it('waits for a deletion to be seen, also when it was answered without a rev', () => {
    const deletion = itemOf({ kind: 'delete', seq: 470 }, { seq: 470, rev: 0 });
    expect(showsItem(timelineOf(), deletion)).toBe(false);
    expect(showsItem(timelineOf([470, { rev: 501, deletedAt: '2026-11-22T10:00:00Z' }]), deletion)).toBe(true);
  });

  it('waits for a reaction to be gone that was taken back without a rev', () => {
    const op = { kind: 'react', seq: 470, emoji: '👍', on: false } as const;
    const takenBack = itemOf(op, { seq: 470, rev: 0 });
    const by = (...userIds: string[]) => ({ reactions: [{ emoji: '👍', count: userIds.length, userIds }] });
    expect(showsItem(timelineOf([470, by(ann, bob)]), takenBack)).toBe(false);
    expect(showsItem(timelineOf([470, by(bob)]), takenBack)).toBe(true);
    expect(showsItem(timelineOf(), takenBack)).toBe(true);
  });

  it('waits for the rev of a reaction that was answered with one', () => {
    const takenBack = itemOf({ kind: 'react', seq: 470, emoji: '👍', on: false }, { seq: 470, rev: 501 });
    expect(showsItem(timelineOf(), takenBack)).toBe(false);
    expect(showsItem(timelineOf([470, { rev: 501 }]), takenBack)).toBe(true);
  });

  it('is true outside of what is known', () => {
    expect(showsItem(timelineOf(), edit(100, 501))).toBe(true);
    expect(showsItem(timelineOf(), edit(600, 601))).toBe(true);
  });
});
