import type { Id } from '@chatapp/contract/ids';
import type { User } from '@chatapp/contract/shapes';
import { ProblemError } from '@chatapp/service/problem';
import { and, asc, eq, exists, gte, inArray, lt, notExists, type SQL, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Queryable, Transaction } from '../database.ts';
import { type Draft, toEvent } from '../events/event.ts';
import { appendToOutbox } from '../events/outbox-store.ts';
import { members, type UserRow, users, userWords } from '../tables.ts';
import { scrubbed, toUser, wordsOf } from './user.ts';

export const readProfile = async (db: Queryable, id: Id): Promise<UserRow | undefined> => {
  const [row] = await db.select().from(users).where(eq(users.id, id));
  return row;
};

/** The profile of who has an account. Throws `not-found`. */
export const requireProfile = async (db: Queryable, id: Id): Promise<UserRow> => {
  const row = await readProfile(db, id);
  if (row === undefined || row.deletedAt !== null) throw new ProblemError('not-found');
  return row;
};

export const lockProfile = async (tx: Transaction, id: Id): Promise<UserRow | undefined> => {
  const [row] = await tx.select().from(users).where(eq(users.id, id)).for('update');
  return row;
};

/** Lets one transaction after another count what a person did; rows that name the person can be written meanwhile. */
export const countInTurn = async (tx: Transaction, id: Id): Promise<void> => {
  await tx.select({ id: users.id }).from(users).where(eq(users.id, id)).for('no key update');
};

/** Inserts a person who is not there yet. False where they are. */
export const insertProfile = async (tx: Transaction, row: UserRow): Promise<boolean> => {
  const inserted = await tx.insert(users).values(row).onConflictDoNothing().returning({ id: users.id });
  if (inserted.length > 0) await writeWords(tx, row);
  return inserted.length > 0;
};

/** Writes a profile whose row is locked, and the event where others see a difference. */
export const writeProfile = async (
  tx: Transaction,
  { before, after, at }: { before: UserRow; after: UserRow; at: Date },
): Promise<UserRow> => {
  const seen = before.name !== after.name || before.avatarUrl !== after.avatarUrl;
  const row = { ...after, updatedAt: at, eventCount: before.eventCount + (seen ? 1 : 0) };
  await tx.update(users).set(row).where(eq(users.id, row.id));
  if (before.nameFolded !== row.nameFolded) await writeWords(tx, row);
  if (seen) await tell(tx, row, { draft: { type: 'user.updated', data: { user: toUser(row) } }, at });
  return row;
};

/** Takes everything that says who somebody is out of their locked row, and tells the other services to do the same. */
export const scrubProfile = async (tx: Transaction, before: UserRow, at: Date): Promise<Addressee> => {
  const row = { ...scrubbed(before, at), eventCount: before.eventCount + 1 };
  await tx.update(users).set(row).where(eq(users.id, row.id));
  await tx.delete(userWords).where(eq(userWords.userId, row.id));
  await tell(tx, row, { draft: { type: 'user.deleted', data: { userId: row.id } }, at });
  return { id: row.id, address: row.emailFolded };
};

const tell = async (tx: Transaction, { id, eventCount }: UserRow, { draft, at }: { draft: Draft; at: Date }) => {
  const event = toEvent(draft, { id: crypto.randomUUID(), at, actor: id, conversationId: null, version: null });
  await appendToOutbox(tx, { subjectId: id, firstOrdinal: eventCount, events: [event] });
};

/** A person and their verified address, folded: invitations to it are theirs too. Null where none is verified. */
export interface Addressee {
  readonly id: Id;
  readonly address: string | null;
}

export const readAddressee = async (db: Queryable, id: Id): Promise<Addressee> => {
  const row = await readProfile(db, id);
  return { id, address: row?.emailVerified ? row.emailFolded : null };
};

/** Whose accounts are gone and whose memberships and invitations are still to be taken away. */
export const listLeaving = async (db: Queryable, limit: number): Promise<Addressee[]> =>
  await db
    .select({ id: users.id, address: users.emailFolded })
    .from(users)
    .where(eq(users.isLeaving, true))
    .limit(limit);

/** Whether an account is still being emptied. Where it is, its person cannot come back before this transaction ends. */
export const holdLeaving = async (tx: Transaction, id: Id): Promise<boolean> => {
  const rows = await tx
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.id, id), eq(users.isLeaving, true)))
    .for('key share');
  return rows.length > 0;
};

export const endLeaving = async (tx: Transaction, id: Id): Promise<void> => {
  await tx.update(users).set({ isLeaving: false, emailFolded: null }).where(eq(users.id, id));
};

const writeWords = async (tx: Transaction, { id, nameFolded }: UserRow): Promise<void> => {
  await tx.delete(userWords).where(eq(userWords.userId, id));
  const words = wordsOf(nameFolded);
  if (words.length > 0) await tx.insert(userWords).values(words.map((word) => ({ userId: id, word })));
};

/** What is shown of people, also of deleted ones, who have no name of their own; unknown ids are left out. */
export const listUsersById = async (db: Queryable, ids: readonly Id[]): Promise<User[]> =>
  await db
    .select({ id: users.id, name: users.name, avatarUrl: users.avatarUrl })
    .from(users)
    .where(inArray(users.id, [...ids]))
    .orderBy(asc(users.name), asc(users.id));

/** Only people of the directory can be invited or written to; a deleted one is not there. */
export const findUser = async (db: Queryable, id: Id): Promise<User | undefined> => {
  const row = await readProfile(db, id);
  return row === undefined || row.deletedAt !== null ? undefined : toUser(row);
};

/** The person with this verified address, by its folded form. */
export const findUserIdByEmail = async (db: Queryable, emailFolded: string): Promise<Id | undefined> => {
  const [row] = await db
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.emailFolded, emailFolded), eq(users.emailVerified, true)))
    .limit(1);
  return row?.id;
};

/**
 * Somebody who is about to be written into something, as others see them: their account cannot be deleted before this transaction ends, so nothing of
 * theirs is left behind.
 */
export const holdUser = async (tx: Transaction, id: Id): Promise<User | undefined> => {
  const [row] = await tx.select().from(users).where(eq(users.id, id)).for('key share');
  return row === undefined || row.deletedAt !== null ? undefined : toUser(row);
};

/** The caller. Throws `conflict` before their first sign-in through the BFF, which makes the profile. */
export const requireUser = async (tx: Transaction, id: Id): Promise<User> => {
  const user = await holdUser(tx, id);
  if (user === undefined)
    throw new ProblemError('conflict', { detail: 'Your profile is not known yet. Sign in again.' });
  return user;
};

/** Where a page of a search begins: after this word of this person. */
interface FoundKey {
  readonly word: string;
  readonly userId: Id;
}
interface Found extends FoundKey {
  readonly user: User;
}

interface NameSearch {
  readonly prefix: string;
  readonly others: readonly string[];
  readonly after: FoundKey | undefined;
  readonly limit: number;
  /** Finds only who shares a conversation with this person; undefined: everybody. */
  readonly acquaintancesOf: Id | undefined;
}

/** People with a word that begins with `prefix` and one for each of `others`, each once, ordered by that word; up to one more than `limit`. */
export const searchByName = async (db: Queryable, search: NameSearch): Promise<Found[]> => {
  const { prefix, others, after, limit, acquaintancesOf } = search;
  const rows = await db
    .select({
      word: userWords.word,
      userId: userWords.userId,
      user: { id: users.id, name: users.name, avatarUrl: users.avatarUrl },
    })
    .from(userWords)
    .innerJoin(users, eq(users.id, userWords.userId))
    .where(
      and(
        beginsWith(userWords.word, prefix),
        after && sql`(${userWords.word}, ${userWords.userId}) > (${after.word}, ${after.userId}::uuid)`,
        noEarlierWord(db, prefix),
        ...others.map((word) => hasWord(db, word)),
        acquaintancesOf === undefined ? undefined : sharesConversation(db, acquaintancesOf),
      ),
    )
    .orderBy(asc(userWords.word), asc(userWords.userId))
    .limit(limit + 1);
  return rows;
};

/** The person with this verified address. */
export const searchByEmail = async (db: Queryable, email: string): Promise<User[]> =>
  await db
    .select({ id: users.id, name: users.name, avatarUrl: users.avatarUrl })
    .from(users)
    .where(and(eq(users.emailFolded, email), eq(users.emailVerified, true)))
    .orderBy(asc(users.name), asc(users.id))
    .limit(10);

// U+10FFFF is the greatest text in the byte order of the column, so this is the range of all words with the prefix.
const beginsWith = (word: typeof userWords.word | typeof siblings.word, prefix: string): SQL | undefined =>
  and(gte(word, prefix), lt(word, `${prefix}\u{10FFFF}`));

const siblings = alias(userWords, 'siblings');

/** "Ann Annette" has two words that begin with "ann" and is found once, by the first. */
const noEarlierWord = (db: Queryable, prefix: string): SQL =>
  notExists(
    db
      .select({ one: sql`1` })
      .from(siblings)
      .where(
        and(
          eq(siblings.userId, userWords.userId),
          beginsWith(siblings.word, prefix),
          sql`${siblings.word} < ${userWords.word}`,
        ),
      ),
  );

const hasWord = (db: Queryable, word: string): SQL =>
  exists(
    db
      .select({ one: sql`1` })
      .from(siblings)
      .where(and(eq(siblings.userId, userWords.userId), beginsWith(siblings.word, word))),
  );

const theirs = alias(members, 'theirs');

const sharesConversation = (db: Queryable, personId: Id): SQL =>
  exists(
    db
      .select({ one: sql`1` })
      .from(members)
      .innerJoin(theirs, eq(theirs.conversationId, members.conversationId))
      .where(and(eq(members.userId, personId), eq(theirs.userId, userWords.userId))),
  );
