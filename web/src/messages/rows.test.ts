import { describe, expect, it } from 'bun:test';
import { ann, bob, harbour, messageOf } from '../../test/people.ts';
import type { ShownItem } from '../outbox/outbox-item.ts';
import { type RowsInput, rowsOf } from './rows.ts';

const at = (minute: number, day = 22) => new Date(Date.UTC(2026, 10, day, 10, minute)).toISOString();
const itemOf = (clientId: string, op: ShownItem['op'], more: Partial<ShownItem> = {}): ShownItem => ({
  clientId,
  userId: ann,
  conversationId: harbour,
  order: 1,
  at: Date.parse(at(30)),
  op,
  attempts: 0,
  failed: null,
  phase: 'waiting',
  ...more,
});
const rows = (input: Partial<RowsInput>) =>
  rowsOf({
    messages: [],
    items: [],
    atEnd: true,
    newAfter: undefined,
    me: ann,
    dayOf: (ms) => new Date(ms).toISOString().slice(0, 10),
    ...input,
  });
const short = (input: Partial<RowsInput>) =>
  rows(input).map((row) => {
    if (row.kind === 'text') return `${row.starts ? '+' : ' '}${row.message.body}`;
    return row.kind === 'system' ? 'system' : `-${row.kind}`;
  });

describe('rowsOf', () => {
  it('begins a run with each sender, after five minutes, and after whatever stands between', () => {
    const messages = [
      messageOf(1, { createdAt: at(0) }),
      messageOf(2, { createdAt: at(4) }),
      messageOf(3, { createdAt: at(5) }),
      messageOf(4, { createdAt: at(6), senderId: ann }),
      messageOf(5, { createdAt: at(6), senderId: ann, kind: 'system' }),
      messageOf(6, { createdAt: at(7), senderId: ann }),
    ];
    expect(short({ messages })).toEqual([
      '-day',
      '+message 1',
      ' message 2',
      '+message 3',
      '+message 4',
      'system',
      '+message 6',
    ]);
  });

  it('separates days, and a day begins a run', () => {
    const messages = [messageOf(1, { createdAt: at(0, 21) }), messageOf(2, { createdAt: at(0, 22) })];
    expect(short({ messages })).toEqual(['-day', '+message 1', '-day', '+message 2']);
  });

  it('puts New before the first unread message of somebody else', () => {
    const messages = [messageOf(1), messageOf(2, { senderId: ann }), messageOf(3), messageOf(4)];
    expect(short({ messages, newAfter: 1 })).toEqual([
      '-day',
      '+message 1',
      '+message 2',
      '-new',
      '+message 3',
      ' message 4',
    ]);
    expect(short({ messages, newAfter: 4 })).not.toContain('-new');
  });

  it('puts New nowhere while the message before it is not in the page', () => {
    const messages = [messageOf(5), messageOf(6)];
    expect(short({ messages, newAfter: 4 })).toContain('-new');
    expect(short({ messages, newAfter: 3 })).not.toContain('-new');
  });

  it('shows what is being sent at the end, once it is saved only as saved', () => {
    const own = itemOf('c1', { kind: 'send', body: 'on its way', replyTo: null }, { at: Date.parse(at(2)) });
    const messages = [messageOf(1, { createdAt: at(1) })];
    expect(short({ messages, items: [own] })).toEqual(['-day', '+message 1', '+on its way']);
    const saved = messageOf(2, { createdAt: at(2), senderId: ann, clientId: 'c1', body: 'on its way' });
    expect(short({ messages: [...messages, saved], items: [own] })).toEqual(['-day', '+message 1', '+on its way']);
    expect(short({ messages, items: [own], atEnd: false })).toEqual(['-day', '+message 1']);
  });

  it('keeps the key of a message when it is saved, so that its elements stay', () => {
    const own = itemOf('c1', { kind: 'send', body: 'x', replyTo: null });
    const saved = messageOf(2, { senderId: ann, clientId: 'c1' });
    expect(rows({ items: [own] }).at(-1)?.key).toBe(rows({ messages: [saved] }).at(-1)?.key ?? '');
  });

  it('shows waiting changes as if they were saved, but not refused ones', () => {
    const messages = [messageOf(1, { senderId: ann, reactions: [{ emoji: '⚓', count: 1, userIds: [bob] }] })];
    const edit = itemOf('c1', { kind: 'edit', seq: 1, body: 'better' });
    const react = itemOf('c2', { kind: 'react', seq: 1, emoji: '⚓', on: true });
    const [, shown] = rows({ messages, items: [edit, react] });
    expect(shown).toMatchObject({ message: { body: 'better', reactions: [{ count: 2, userIds: [bob, ann] }] } });
    const refused = itemOf('c1', { kind: 'edit', seq: 1, body: 'better' }, { failed: 'forbidden', phase: 'failed' });
    expect(rows({ messages, items: [refused] })[1]).toMatchObject({
      message: { body: 'message 1' },
      pending: { phase: 'failed' },
    });
  });

  it('takes a reaction back and with the last one the emoji', () => {
    const messages = [messageOf(1, { reactions: [{ emoji: '⚓', count: 1, userIds: [ann] }] })];
    const off = itemOf('c1', { kind: 'react', seq: 1, emoji: '⚓', on: false });
    expect(rows({ messages, items: [off] })[1]).toMatchObject({ message: { reactions: [] } });
  });
});
