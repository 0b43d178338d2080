import { describe, expect, it } from 'bun:test';
import type { UnreadRow } from '@chatapp/contract/shapes';
import { ann, bob, harbour, messageOf } from '../../test/people.ts';
import { withMessage, withRead, withServerRow } from './unread.ts';

const row = (more: Partial<UnreadRow> = {}): UnreadRow => ({
  conversationId: harbour,
  headSeq: 5,
  lastReadSeq: 5,
  unread: 0,
  mentions: 0,
  markedUnread: false,
  ...more,
});

describe('withMessage', () => {
  it("counts another's new message, and a mention of me", () => {
    expect(withMessage(row(), messageOf(6), ann)).toMatchObject({ headSeq: 6, unread: 1, mentions: 0 });
    expect(withMessage(row(), messageOf(6, { mentions: [ann] }), ann)).toMatchObject({ unread: 1, mentions: 1 });
  });

  it('counts no message twice, no system message, and stops at 100', () => {
    expect(withMessage(row(), messageOf(5), ann)).toMatchObject({ unread: 0 });
    expect(withMessage(row(), messageOf(6, { kind: 'system' }), ann)).toMatchObject({ headSeq: 6, unread: 0 });
    expect(withMessage(row({ unread: 100, lastReadSeq: 0 }), messageOf(6), ann)).toMatchObject({ unread: 100 });
  });

  it('asks when I joined: my marker may be further back than the message that says so', () => {
    const joined = (userId: string) =>
      messageOf(6, { kind: 'system', senderId: userId, system: { type: 'joined', userId, role: 'member' } });
    expect(withMessage(row(), joined(ann), ann)).toBe('ask');
    expect(withMessage(row(), joined(bob), ann)).toMatchObject({ headSeq: 6, unread: 0 });
  });

  it('moves the marker with my own send', () => {
    const before = row({ unread: 3, lastReadSeq: 2, markedUnread: true });
    expect(withMessage(before, messageOf(6, { senderId: ann }), ann)).toEqual(row({ headSeq: 6, lastReadSeq: 6 }));
  });

  it('asks when an unread message is deleted: whether it was counted is not known here', () => {
    const deleted = messageOf(4, { rev: 9, deletedAt: '2026-11-22T10:00:00.000Z', senderId: bob });
    expect(withMessage(row({ lastReadSeq: 3, unread: 2 }), deleted, ann)).toBe('ask');
    expect(withMessage(row(), deleted, ann)).toMatchObject({ unread: 0 });
  });
});

describe('withMessage, of an edit of an unread message', () => {
  const edited = (more: Parameters<typeof messageOf>[1] = {}) =>
    messageOf(4, { rev: 9, editedAt: '2026-11-22T10:00:00.000Z', ...more });
  const unread = row({ lastReadSeq: 3, unread: 2 });

  it('asks when it mentions me: whether it did before is not known here', () => {
    expect(withMessage(unread, edited({ mentions: [ann] }), ann)).toBe('ask');
  });

  it('asks while mentions are counted: it may have been one', () => {
    expect(withMessage({ ...unread, mentions: 1 }, edited(), ann)).toBe('ask');
  });

  it('changes nothing otherwise, nor once it is read, nor when it is mine', () => {
    expect(withMessage(unread, edited(), ann)).toBe(unread);
    expect(withMessage(row(), edited({ mentions: [ann] }), ann)).toMatchObject({ mentions: 0 });
    expect(withMessage(unread, edited({ mentions: [ann], senderId: ann }), ann)).toBe(unread);
  });
});

describe('withRead', () => {
  it('clears at the head, asks in between, and never goes back', () => {
    const before = row({ lastReadSeq: 2, unread: 3, markedUnread: true });
    expect(withRead(before, 5)).toEqual(row());
    expect(withRead(before, 4)).toBe('ask');
    expect(withRead(before, 1)).toBe(before);
  });
});

describe('withServerRow', () => {
  it('keeps a marker that is further here: its frame is on the way', () => {
    const server = row({ lastReadSeq: 2, unread: 3 });
    expect(withServerRow(server, row())).toMatchObject({ lastReadSeq: 5, unread: 0 });
    expect(withServerRow(server, row({ lastReadSeq: 1 }))).toBe(server);
    expect(withServerRow({ ...server, headSeq: 8, unread: 6 }, row())).toMatchObject({ lastReadSeq: 5, unread: 3 });
  });
});
