import { mentionsOf } from '@chatapp/contract/body';
import { limits } from '@chatapp/contract/limits';
import type { Message, Reaction, SystemEvent } from '@chatapp/contract/shapes';
import type { Fragment, ISql } from 'postgres';

/** A row of `messages` with its reactions, as `messageColumns` selects it. */
export interface MessageRow {
  readonly conversation_id: string;
  readonly seq: number;
  readonly rev: number;
  readonly id: string;
  readonly client_id: string;
  readonly sender_id: string;
  readonly kind: 'text' | 'system';
  readonly body: string;
  readonly reply_to: number | null;
  readonly system: SystemEvent | null;
  readonly created_at: string;
  readonly edited_at: string | null;
  readonly deleted_at: string | null;
  readonly reactions: Reaction[] | null;
}

/**
 * The columns of a message `m`. Reactions are looked for only where there ever was one; in the order in which each emoji came, each with
 * its first `peopleMax` people.
 */
export const messageColumns = (sql: ISql, peopleMax: number = limits.reactionUserIdsMax): Fragment => sql`
  m.conversation_id, m.seq, m.rev, m.id, m.client_id, m.sender_id, m.kind, m.body, m.reply_to, m.system,
  m.created_at, m.edited_at, m.deleted_at,
  CASE WHEN m.reacted THEN (
    SELECT json_agg(json_build_object('emoji', g.emoji, 'count', g.count, 'userIds', g.user_ids) ORDER BY g.first)
    FROM (
      SELECT r.emoji, count(*) AS count, min(r.first_rev) AS first,
        (array_agg(r.user_id ORDER BY r.rev))[1:${sql.unsafe(String(peopleMax))}] AS user_ids
      FROM reactions r WHERE r.conversation_id = m.conversation_id AND r.seq = m.seq GROUP BY r.emoji
    ) g
  ) END AS reactions`;

export const toMessage = (row: MessageRow): Message => ({
  conversationId: row.conversation_id,
  seq: row.seq,
  rev: row.rev,
  id: row.id,
  clientId: row.client_id,
  senderId: row.sender_id,
  kind: row.kind,
  body: row.body,
  replyTo: row.reply_to,
  reactions: row.reactions ?? [],
  mentions: row.kind === 'text' && row.body.includes('<@') ? mentionsOf(row.body) : [],
  system: row.system,
  createdAt: row.created_at,
  editedAt: row.edited_at,
  deletedAt: row.deleted_at,
});
