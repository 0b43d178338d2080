import type { ISql } from 'postgres';
import { everyone } from '../commands/task.ts';

export interface Departure {
  readonly userId: string;
  /** Of the deletion, or later: when it was heard of. ISO. */
  readonly at: string;
}

/** A departure as an event tells of it. */
export interface ToldDeparture extends Departure {
  readonly eventId: string;
}

/**
 * Notes a deleted account, for as long as something of it may be left. An event that comes again says nothing new: its person may have come back. Like all
 * events it is known by its id, in no conversation.
 */
export const noteDeparture = async (sql: ISql, { userId, at, eventId }: ToldDeparture): Promise<void> => {
  await sql`
    WITH fresh AS (
      INSERT INTO applied (conversation_id, actor_id, client_id, rev, code, shard, at)
      VALUES (${everyone}::uuid, ${userId}::uuid, ${eventId}::uuid, NULL, NULL, 0, now())
      ON CONFLICT DO NOTHING RETURNING 1
    )
    INSERT INTO departures AS d (user_id, at) SELECT ${userId}::uuid, ${at}::timestamptz FROM fresh
    ON CONFLICT (user_id) DO UPDATE SET at = greatest(d.at, excluded.at)`;
};

export const readDepartures = async (sql: ISql): Promise<Departure[]> => [
  ...(await sql<Departure[]>`SELECT user_id AS "userId", at FROM departures ORDER BY at LIMIT 100`),
];

export interface Text {
  readonly conversationId: string;
  readonly seq: number;
}

export interface OwnReaction extends Text {
  readonly emoji: string;
}

/** Texts that a person wrote before an instant and that are not deleted, some of them. */
export const readTextsOf = async (sql: ISql, userId: string, before: Date, limit: number): Promise<Text[]> => [
  ...(await sql<Text[]>`
    SELECT m.conversation_id AS "conversationId", m.seq
    FROM read_markers r JOIN messages m ON m.conversation_id = r.conversation_id AND m.sender_id = r.user_id
    WHERE r.user_id = ${userId} AND m.kind = 'text' AND m.deleted_at IS NULL AND m.created_at < ${before.toISOString()}::timestamptz
    LIMIT ${limit}`),
];

/** Reactions of a person to messages from before an instant, some of them. */
export const readReactionsOf = async (
  sql: ISql,
  userId: string,
  before: Date,
  limit: number,
): Promise<OwnReaction[]> => [
  ...(await sql<OwnReaction[]>`
    SELECT x.conversation_id AS "conversationId", x.seq, x.emoji
    FROM read_markers r
    JOIN reactions x ON x.conversation_id = r.conversation_id AND x.user_id = r.user_id
    JOIN messages m ON m.conversation_id = x.conversation_id AND m.seq = x.seq
    WHERE r.user_id = ${userId} AND m.created_at < ${before.toISOString()}::timestamptz
    LIMIT ${limit}`),
];

/** Forgets how far a person had read where they are no member any more, and that they are to be forgotten. */
export const endDeparture = async (sql: ISql, { userId, at }: Departure): Promise<void> => {
  await sql`
    DELETE FROM mentions n USING read_markers r
    WHERE r.user_id = ${userId} AND r.gone AND n.conversation_id = r.conversation_id AND n.user_id = r.user_id`;
  await sql`DELETE FROM read_markers WHERE user_id = ${userId} AND gone`;
  await sql`DELETE FROM departures WHERE user_id = ${userId} AND at = ${at}::timestamptz`;
};
