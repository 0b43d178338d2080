import { limits } from '@chatapp/contract/limits';
import type { Message, UnreadRow } from '@chatapp/contract/shapes';

/** Unread counts are derived from positions; here they are only carried on between two answers of the server. */

/** The row after a message was created or changed. `ask`: the count cannot be known from here, the server has to be asked. */
export const withMessage = (row: UnreadRow, message: Message, me: string): UnreadRow | 'ask' => {
  if (message.seq <= row.headSeq) {
    const isUnread = message.seq > row.lastReadSeq && message.senderId !== me;
    return isUnread && mayHaveCounted(row, message, me) ? 'ask' : row;
  }
  // My marker was put where the conversation stood as I joined, which may be further back.
  if (message.system?.type === 'joined' && message.system.userId === me) return 'ask';
  const next = { ...row, headSeq: message.seq };
  // Own sends advance the marker.
  if (message.senderId === me && message.kind === 'text') return read(next, message.seq);
  if (message.kind === 'system' || message.senderId === me || message.deletedAt !== null) return next;
  const mentioned = message.mentions.includes(me) ? 1 : 0;
  return { ...next, unread: capped(row.unread + 1), mentions: capped(row.mentions + mentioned) };
};

/** Whether a change of a message may have changed how it counts: it was deleted, or an edit brought or took a mention of me. */
const mayHaveCounted = (row: UnreadRow, { deletedAt, editedAt, mentions }: Message, me: string): boolean =>
  deletedAt !== null || (editedAt !== null && (mentions.includes(me) || row.mentions > 0));

/** The row after my marker moved to `seq`, here or on another device. It only grows, and clears the flag as it does. */
export const withRead = (row: UnreadRow, seq: number): UnreadRow | 'ask' => {
  if (seq <= row.lastReadSeq) return row;
  return seq >= row.headSeq ? read(row, seq) : 'ask';
};

/** The server's row, from my marker on where that is further here: its frame is on its way. Then the counts are at most these. */
export const withServerRow = (server: UnreadRow, known: UnreadRow | undefined): UnreadRow => {
  if (!known || known.lastReadSeq <= server.lastReadSeq) return server;
  if (known.lastReadSeq >= server.headSeq) return read(server, known.lastReadSeq);
  const most = server.headSeq - known.lastReadSeq;
  const atMost = (count: number) => Math.min(count, most);
  return {
    ...server,
    lastReadSeq: known.lastReadSeq,
    unread: atMost(server.unread),
    mentions: atMost(server.mentions),
  };
};

const read = (row: UnreadRow, seq: number): UnreadRow => ({
  ...row,
  lastReadSeq: seq,
  unread: 0,
  mentions: 0,
  markedUnread: false,
});

const capped = (count: number): number => Math.min(count, limits.unreadCountMax);
