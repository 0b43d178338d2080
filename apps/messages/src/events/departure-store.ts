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
 * Notes deleted accounts; each for as long as something of it may be left. An event that comes again says nothing new: its person may have come back. Like
 * all events it is known by its id, in no conversation.
 */
export const noteDepartures = async (sql: ISql, told: readonly ToldDeparture[]): Promise<void> => {
  // In order of id: two writers never wait for each other in a ring.
  const rows = told.toSorted((left, right) => (left.eventId < right.eventId ? -1 : 1));
  const fresh = await sql<{ client_id: string }[]>`
    INSERT INTO applied (conversation_id, actor_id, client_id, rev, code, shard, at)
    SELECT ${everyone}::uuid, actor, client, NULL, NULL, 0, now()
    FROM unnest(${rows.map(({ userId }) => userId)}::uuid[], ${rows.map(({ eventId }) => eventId)}::uuid[]) AS k (actor, client)
    ON CONFLICT DO NOTHING RETURNING client_id`;
  const isFresh = new Set(fresh.map(({ client_id }) => client_id));
  await insertDepartures(
    sql,
    told.filter(({ eventId }) => isFresh.has(eventId)),
  );
};

const insertDepartures = async (sql: ISql, departures: readonly Departure[]): Promise<void> => {
  // Each person once: a statement changes no row twice.
  const latest = new Map(departures.toSorted(byInstant).map((one) => [one.userId, one]));
  const rows = [...latest.values()].sort((left, right) => (left.userId < right.userId ? -1 : 1));
  if (rows.length === 0) return;
  await sql`
    INSERT INTO departures AS d (user_id, at)
    SELECT * FROM unnest(${rows.map(({ userId }) => userId)}::uuid[], ${rows.map(({ at }) => at)}::timestamptz[])
    ON CONFLICT (user_id) DO UPDATE SET at = greatest(d.at, excluded.at)`;
};

const byInstant = (left: Departure, right: Departure): number => Date.parse(left.at) - Date.parse(right.at);

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
