import type { BusEvent } from '@chatapp/contract/events';
import type { Id } from '@chatapp/contract/ids';
import type { User } from '@chatapp/contract/shapes';
import { ProblemError } from '@chatapp/service/problem';
import { and, desc, eq, getTableColumns, isNotNull, isNull, or, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { type Act, actOf } from '../audit/act.ts';
import { insertAudit } from '../audit/audit-store.ts';
import type { Queryable, Transaction } from '../database.ts';
import { type Draft, isVersioned, toEvent } from '../events/event.ts';
import { appendToOutbox } from '../events/outbox-store.ts';
import type { PageRequest } from '../page.ts';
import { type ConversationRow, conversations, type MemberRow, members, users } from '../tables.ts';

const peers = alias(users, 'peers');

/** A conversation, one member's row in it, and the other person where it is direct. */
export interface Seat {
  readonly conversation: ConversationRow;
  readonly member: MemberRow;
  readonly peer: User | null;
}

const seats = (db: Queryable) =>
  db
    .select({
      conversation: getTableColumns(conversations),
      member: getTableColumns(members),
      peer: { id: peers.id, name: peers.name, avatarUrl: peers.avatarUrl },
    })
    .from(members)
    .innerJoin(conversations, eq(conversations.id, members.conversationId))
    .leftJoin(
      peers,
      sql`${peers.id} = CASE ${members.userId} WHEN ${conversations.directLow} THEN ${conversations.directHigh} ELSE ${conversations.directLow} END`,
    );

/** A deleted conversation is there for its owner alone, who may restore it. */
const isThere = or(isNull(conversations.deletedAt), eq(members.role, 'owner'));

/** The seat of a person in a conversation; throws `not-found`, for a stranger exactly as for a conversation that does not exist. */
export const readSeat = async (db: Queryable, conversationId: Id, userId: Id): Promise<Seat> => {
  const [seat] = await seats(db).where(
    and(eq(members.conversationId, conversationId), eq(members.userId, userId), isThere),
  );
  if (seat === undefined) throw new ProblemError('not-found');
  return seat;
};

/**
 * The same with the conversation's row locked until the end of the transaction: everything that changes it, its members or its invitations
 * begins here, so these changes come one after another and nobody waits in a circle. Throws `conflict` where it is deleted.
 */
export const lockSeat = async (tx: Transaction, conversationId: Id, userId: Id): Promise<Seat> => {
  const seat = await lockSeatEvenDeleted(tx, conversationId, userId);
  if (seat.conversation.deletedAt !== null) throw new ProblemError('conflict', { detail: 'It is deleted.' });
  return seat;
};

/** For what can be done to a deleted conversation too: restoring it, deleting it once more. */
export const lockSeatEvenDeleted = async (tx: Transaction, conversationId: Id, userId: Id): Promise<Seat> => {
  await lockEvenDeleted(tx, conversationId);
  return await readSeat(tx, conversationId, userId);
};

/** Locks and reads a conversation; throws `not-found`, for a deleted one too. */
export const lockConversation = async (tx: Transaction, id: Id): Promise<ConversationRow> => {
  const row = await lockEvenDeleted(tx, id);
  if (row === undefined || row.deletedAt !== null) throw new ProblemError('not-found');
  return row;
};

/** Locks and reads a conversation, also one in its period of grace. */
export const lockEvenDeleted = async (tx: Transaction, id: Id): Promise<ConversationRow | undefined> => {
  const [row] = await tx.select().from(conversations).where(eq(conversations.id, id)).for('update');
  return row;
};

/** A person's conversations, the one with the latest activity first; up to one more than `limit`. */
export const listSeats = async (
  db: Queryable,
  { userId, archived, after, limit }: PageRequest & { userId: Id; archived: boolean },
): Promise<Seat[]> =>
  await seats(db)
    .where(
      and(
        eq(members.userId, userId),
        isThere,
        archived ? isNotNull(conversations.archivedAt) : isNull(conversations.archivedAt),
        after &&
          sql`(${conversations.lastActivityAt}, ${conversations.id}) < (${after.at.toISOString()}::timestamptz, ${after.id}::uuid)`,
      ),
    )
    .orderBy(desc(conversations.lastActivityAt), desc(conversations.id))
    .limit(limit + 1);

/** All conversations of a person, in no order. */
export const listSeatsOf = async (db: Queryable, userId: Id, limit: number): Promise<Seat[]> =>
  await seats(db)
    .where(and(eq(members.userId, userId), isThere))
    .limit(limit);

/** Inserts a new conversation, which then is locked; false where it is there already. */
export const insertConversation = async (tx: Transaction, row: ConversationRow): Promise<boolean> => {
  const inserted = await tx.insert(conversations).values(row).onConflictDoNothing().returning({ id: conversations.id });
  return inserted.length > 0;
};

/** Locks and reads the direct conversation of a pair. */
export const lockDirect = async (
  tx: Transaction,
  { directLow, directHigh }: { directLow: Id; directHigh: Id },
): Promise<ConversationRow | undefined> => {
  const [row] = await tx
    .select()
    .from(conversations)
    .where(and(eq(conversations.directLow, directLow), eq(conversations.directHigh, directHigh)))
    .for('update');
  return row;
};

export interface Change {
  /** As it was read under the lock. */
  readonly before: ConversationRow;
  readonly set?: Partial<Omit<ConversationRow, 'id' | 'version' | 'eventCount'>>;
  readonly actor: Id | null;
  readonly at: Date;
  /** Each event that carries a version raises it by one; those of invitations carry none. */
  readonly events: readonly ((after: ConversationRow) => Draft)[];
  /** What nobody is told but the audit keeps. */
  readonly acts?: readonly Act[];
}

/**
 * Writes a change of a locked conversation: its fields, its next version, its events, each seeing the conversation as of its version, and what the
 * audit keeps of them. Answers the row as it is now.
 */
export const recordChange = async (tx: Transaction, change: Change): Promise<ConversationRow> => {
  const { before, set = {}, actor, at, acts = [] } = change;
  let after: ConversationRow = { ...before, ...set };
  const events: BusEvent[] = [];
  for (const draftOf of change.events) {
    const raised = { ...after, version: after.version + 1 };
    const draft = draftOf(raised);
    const versioned = isVersioned(draft.type);
    if (versioned) after = raised;
    const version = versioned ? after.version : null;
    events.push(toEvent(draft, { id: crypto.randomUUID(), at, actor, conversationId: before.id, version }));
  }
  const firstOrdinal = before.eventCount + 1;
  after = { ...after, eventCount: before.eventCount + events.length + acts.length };
  await tx
    .update(conversations)
    .set({ ...set, version: after.version, eventCount: after.eventCount })
    .where(eq(conversations.id, before.id));
  await appendToOutbox(tx, { subjectId: before.id, firstOrdinal, events });
  const told = events.map((event) => ({ eventId: event.id, act: actOf(event) }));
  const untold = acts.map((act) => ({ eventId: crypto.randomUUID(), act }));
  await insertAudit(
    tx,
    [...told, ...untold].flatMap(({ eventId, act }, index) => {
      if (act === undefined) return [];
      const details = JSON.stringify(act.details);
      return [
        { ...act, details, eventId, conversationId: before.id, ordinal: firstOrdinal + index, actorId: actor, at },
      ];
    }),
  );
  return after;
};

/** Moves the instants of last activity forward; an earlier one than is known changes nothing. */
export const moveActivity = async (db: Queryable, latest: ReadonlyMap<Id, Date>): Promise<void> => {
  const ids = sql.param([...latest.keys()]);
  const instants = sql.param([...latest.values()].map((at) => at.toISOString()));
  // As text: drizzle-orm replaces the serializers of times, of arrays of them too.
  await db.execute(sql`
    UPDATE conversations SET last_activity_at = active.at::timestamptz
    FROM unnest(${ids}::uuid[], ${instants}::text[]) AS active (id, at)
    WHERE conversations.id = active.id AND conversations.last_activity_at < active.at::timestamptz`);
};

/** What decides about access, by one look-up of the key. */
export const readAccess = async (db: Queryable, conversationId: Id, userId: Id) => {
  const [row] = await accesses(db).where(
    and(eq(members.conversationId, conversationId), eq(members.userId, userId), isThere),
  );
  return row;
};

/** Of several people: one statement with one parameter, however many they are. */
export const listAccesses = async (db: Queryable, userIds: readonly Id[]) =>
  await accesses(db).where(and(sql`${members.userId} = ANY(${sql.param([...userIds])}::uuid[])`, isThere));

const accesses = (db: Queryable) =>
  db
    .select({
      id: conversations.id,
      userId: members.userId,
      role: members.role,
      version: conversations.version,
      memberCount: conversations.memberCount,
      receipts: conversations.receipts,
      archivedAt: conversations.archivedAt,
      deletedAt: conversations.deletedAt,
    })
    .from(members)
    .innerJoin(conversations, eq(conversations.id, members.conversationId));
