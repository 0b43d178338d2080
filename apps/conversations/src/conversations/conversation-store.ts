import type { BusEvent } from '@chatapp/contract/events';
import type { Id } from '@chatapp/contract/ids';
import type { User } from '@chatapp/contract/shapes';
import { ProblemError } from '@chatapp/service/problem';
import { and, desc, eq, getTableColumns, isNotNull, isNull, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
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

/** The seat of a person in a conversation; throws `not-found`, for a stranger exactly as for a conversation that does not exist. */
export const readSeat = async (db: Queryable, conversationId: Id, userId: Id): Promise<Seat> => {
  const [seat] = await seats(db).where(
    and(eq(members.conversationId, conversationId), eq(members.userId, userId), isNull(conversations.deletedAt)),
  );
  if (seat === undefined) throw new ProblemError('not-found');
  return seat;
};

/**
 * The same with the conversation's row locked until the end of the transaction: everything that changes it, its members or its invitations
 * begins here, so these changes come one after another and nobody waits in a circle.
 */
export const lockSeat = async (tx: Transaction, conversationId: Id, userId: Id): Promise<Seat> => {
  await lockConversation(tx, conversationId);
  return await readSeat(tx, conversationId, userId);
};

/** Locks and reads a conversation; throws `not-found`. */
export const lockConversation = async (tx: Transaction, id: Id): Promise<ConversationRow> => {
  const [row] = await tx
    .select()
    .from(conversations)
    .where(and(eq(conversations.id, id), isNull(conversations.deletedAt)))
    .for('update');
  if (row === undefined) throw new ProblemError('not-found');
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
        isNull(conversations.deletedAt),
        archived ? isNotNull(conversations.archivedAt) : isNull(conversations.archivedAt),
        after &&
          sql`(${conversations.lastActivityAt}, ${conversations.id}) < (${after.at.toISOString()}::timestamptz, ${after.id}::uuid)`,
      ),
    )
    .orderBy(desc(conversations.lastActivityAt), desc(conversations.id))
    .limit(limit + 1);

/** Inserts a new conversation, which then is locked; false where it is there already. */
export const insertConversation = async (tx: Transaction, row: ConversationRow): Promise<boolean> => {
  const inserted = await tx.insert(conversations).values(row).onConflictDoNothing().returning({ id: conversations.id });
  return inserted.length > 0;
};

/** The seat of a person in the direct conversation of a pair. */
export const findDirectSeat = async (
  db: Queryable,
  pair: { directLow: Id; directHigh: Id },
  userId: Id,
): Promise<Seat | undefined> => {
  const [seat] = await seats(db).where(
    and(
      eq(conversations.directLow, pair.directLow),
      eq(conversations.directHigh, pair.directHigh),
      eq(members.userId, userId),
    ),
  );
  return seat;
};

export interface Change {
  /** As it was read under the lock. */
  readonly before: ConversationRow;
  readonly set?: Partial<Omit<ConversationRow, 'id' | 'version' | 'eventCount'>>;
  readonly actor: Id | null;
  readonly at: Date;
  /** Each event that carries a version raises it by one; those of invitations carry none. */
  readonly events: readonly ((after: ConversationRow) => Draft)[];
}

/**
 * Writes a change of a locked conversation: its fields, its next version and its events, each event seeing the conversation as of its version.
 * Answers the row as it is now.
 */
export const recordChange = async (tx: Transaction, change: Change): Promise<ConversationRow> => {
  const { before, set = {}, actor, at } = change;
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
  after = { ...after, eventCount: before.eventCount + events.length };
  await tx
    .update(conversations)
    .set({ ...set, version: after.version, eventCount: after.eventCount })
    .where(eq(conversations.id, before.id));
  await appendToOutbox(tx, { subjectId: before.id, firstOrdinal: before.eventCount + 1, events });
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
    and(eq(members.conversationId, conversationId), eq(members.userId, userId), isNull(conversations.deletedAt)),
  );
  return row;
};

export const listAccesses = async (db: Queryable, userId: Id) =>
  await accesses(db).where(and(eq(members.userId, userId), isNull(conversations.deletedAt)));

const accesses = (db: Queryable) =>
  db
    .select({
      id: conversations.id,
      role: members.role,
      version: conversations.version,
      memberCount: conversations.memberCount,
      receipts: conversations.receipts,
      archivedAt: conversations.archivedAt,
    })
    .from(members)
    .innerJoin(conversations, eq(conversations.id, members.conversationId));
