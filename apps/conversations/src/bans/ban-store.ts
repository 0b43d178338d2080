import type { Ban } from '@chatapp/contract/http-conversations';
import type { Id } from '@chatapp/contract/ids';
import { and, desc, eq, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Queryable, Transaction } from '../database.ts';
import type { PageRequest } from '../page.ts';
import { bans, users } from '../tables.ts';

const banned = alias(users, 'banned');
const judges = alias(users, 'judges');

/** A ban with the names that are shown. */
export interface BanView extends Pick<Ban, 'user' | 'by'> {
  readonly createdAt: Date;
}

const views = (db: Queryable) =>
  db
    .select({
      user: { id: banned.id, name: banned.name, avatarUrl: banned.avatarUrl },
      by: { id: judges.id, name: judges.name, avatarUrl: judges.avatarUrl },
      createdAt: bans.createdAt,
    })
    .from(bans)
    .innerJoin(banned, eq(banned.id, bans.userId))
    .innerJoin(judges, eq(judges.id, bans.bannedBy));

const keyOf = (conversationId: Id, userId: Id) => and(eq(bans.conversationId, conversationId), eq(bans.userId, userId));

export const findBan = async (db: Queryable, conversationId: Id, userId: Id): Promise<BanView | undefined> => {
  const [view] = await views(db).where(keyOf(conversationId, userId));
  return view;
};

export const isBanned = async (db: Queryable, conversationId: Id, userId: Id): Promise<boolean> => {
  const rows = await db.select({ userId: bans.userId }).from(bans).where(keyOf(conversationId, userId));
  return rows.length > 0;
};

/** The latest first; up to one more than `limit`. */
export const listBanViews = async (
  db: Queryable,
  { conversationId, after, limit }: PageRequest & { conversationId: Id },
): Promise<BanView[]> =>
  await views(db)
    .where(
      and(
        eq(bans.conversationId, conversationId),
        after && sql`(${bans.createdAt}, ${bans.userId}) < (${after.at.toISOString()}::timestamptz, ${after.id}::uuid)`,
      ),
    )
    .orderBy(desc(bans.createdAt), desc(bans.userId))
    .limit(limit + 1);

export const insertBan = async (tx: Transaction, row: typeof bans.$inferInsert): Promise<void> => {
  await tx.insert(bans).values(row);
};

/** False where there is none. */
export const deleteBan = async (tx: Transaction, conversationId: Id, userId: Id): Promise<boolean> => {
  const deleted = await tx.delete(bans).where(keyOf(conversationId, userId)).returning({ userId: bans.userId });
  return deleted.length > 0;
};
