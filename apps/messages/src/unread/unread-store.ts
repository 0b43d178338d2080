import type { Receipt } from '@chatapp/contract/http-messages';
import { limits } from '@chatapp/contract/limits';
import type { UnreadRow } from '@chatapp/contract/shapes';
import type { ISql } from 'postgres';

/**
 * What a person has not read in conversations, in the order asked, in one statement. Counted from positions, so it cannot drift; counting
 * stops at a hundred.
 */
export const readUnread = async (sql: ISql, userId: string, ids: readonly string[]): Promise<UnreadRow[]> => {
  const most = limits.unreadCountMax;
  const rows = await sql<(UnreadRow & { place: number })[]>`
    SELECT k.place, k.id AS "conversationId", coalesce(h.head_seq, 0) AS "headSeq", coalesce(r.seq, 0) AS "lastReadSeq",
      coalesce(r.marked_unread, false) AS "markedUnread",
      (
        SELECT count(*) FROM (
          SELECT 1 FROM messages m
          WHERE m.conversation_id = k.id AND m.seq > coalesce(r.seq, 0)
            AND m.sender_id <> ${userId}::uuid AND m.kind = 'text' AND m.deleted_at IS NULL
          LIMIT ${most}
        ) u
      ) AS unread,
      (
        SELECT count(*) FROM (
          SELECT 1 FROM mentions n WHERE n.conversation_id = k.id AND n.user_id = ${userId}::uuid AND n.seq > coalesce(r.seq, 0)
          LIMIT ${most}
        ) u
      ) AS mentions
    FROM unnest(${[...ids]}::uuid[]) WITH ORDINALITY AS k (id, place)
    LEFT JOIN heads h ON h.conversation_id = k.id
    LEFT JOIN read_markers r ON r.conversation_id = k.id AND r.user_id = ${userId}::uuid`;
  return rows
    .toSorted((left, right) => left.place - right.place)
    .map(({ conversationId, headSeq, lastReadSeq, unread, mentions, markedUnread }) => ({
      ...{ conversationId, headSeq, lastReadSeq, unread, mentions, markedUnread },
    }));
};

/** How far the members of a conversation have read; of those who never read anything nothing. */
export const readReceipts = async (sql: ISql, conversationId: string): Promise<Receipt[]> => [
  ...(await sql<Receipt[]>`
    SELECT user_id AS "userId", seq FROM read_markers
    WHERE conversation_id = ${conversationId} AND NOT gone
    LIMIT ${limits.presenceMembersMax}`),
];
