import type { OwnMarker, OwnMessage, OwnReaction } from '@chatapp/contract/http-messages';
import type { ISql } from 'postgres';

/** The key of a message in the order of an export. */
export interface OwnPlace {
  readonly conversationId: string;
  readonly clientId: string;
}

type OwnRow = OwnMessage & OwnPlace;

/** Before every id. */
const beforeAll: OwnPlace = {
  conversationId: '00000000-0000-0000-0000-000000000000',
  clientId: '00000000-0000-0000-0000-000000000000',
};

/**
 * What a person wrote and did not delete, also where they are no member any more, up to `limit` after a place. In the order of the index by which a repeated
 * send is found (by conversation, then by `clientId`), so that every page is a range of it: an export pays for no index of its own.
 * The loop over the conversations hands on the order within each, which a sort over all would read everything for.
 */
export const readOwnMessages = async (
  sql: ISql,
  userId: string,
  { after = beforeAll, limit }: { after: OwnPlace | undefined; limit: number },
): Promise<OwnRow[]> => [
  ...(await sql<OwnRow[]>`
    SELECT r.conversation_id AS "conversationId", m.*
    FROM read_markers r CROSS JOIN LATERAL (
      SELECT m.seq, m.id, m.client_id AS "clientId", m.body, m.reply_to AS "replyTo", m.created_at AS "createdAt",
        m.edited_at AS "editedAt"
      FROM messages m
      WHERE m.conversation_id = r.conversation_id AND m.sender_id = ${userId}
        AND m.client_id > CASE WHEN r.conversation_id = ${after.conversationId} THEN ${after.clientId}::uuid ELSE ${beforeAll.clientId}::uuid END
        AND m.kind = 'text' AND m.deleted_at IS NULL
      ORDER BY m.client_id LIMIT ${limit}
    ) m
    WHERE r.user_id = ${userId} AND r.conversation_id >= ${after.conversationId}
    ORDER BY r.conversation_id LIMIT ${limit}`),
];

/** What a person reacted with, up to `limit` after a place, in the order of the index that serves it. */
export const readOwnReactions = async (
  sql: ISql,
  userId: string,
  { after, limit }: { after: OwnReaction | undefined; limit: number },
): Promise<OwnReaction[]> => {
  const { conversationId, seq, emoji } = after ?? { ...beforeAll, seq: 0, emoji: '' };
  return [
    ...(await sql<OwnReaction[]>`
      SELECT conversation_id AS "conversationId", seq, emoji FROM reactions
      WHERE user_id = ${userId} AND (conversation_id, seq, emoji) > (${conversationId}::uuid, ${seq}::bigint, ${emoji}::text)
      ORDER BY conversation_id, seq, emoji LIMIT ${limit}`),
  ];
};

/** How far a person has read, up to `limit` conversations after one. */
export const readOwnMarkers = async (
  sql: ISql,
  userId: string,
  { after = beforeAll.conversationId, limit }: { after: string | undefined; limit: number },
): Promise<OwnMarker[]> => [
  ...(await sql<OwnMarker[]>`
    SELECT conversation_id AS "conversationId", seq, marked_unread AS "markedUnread" FROM read_markers
    WHERE user_id = ${userId} AND conversation_id > ${after}
    ORDER BY conversation_id LIMIT ${limit}`),
];
