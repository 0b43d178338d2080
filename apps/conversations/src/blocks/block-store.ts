import type { Id } from '@chatapp/contract/ids';
import type { User } from '@chatapp/contract/shapes';
import { and, desc, eq, sql } from 'drizzle-orm';
import type { Queryable, Transaction } from '../database.ts';
import type { PageRequest } from '../page.ts';
import { blocks, users } from '../tables.ts';

export interface BlockView {
  readonly user: User;
  readonly createdAt: Date;
}

const views = (db: Queryable) =>
  db
    .select({ user: { id: users.id, name: users.name, avatarUrl: users.avatarUrl }, createdAt: blocks.createdAt })
    .from(blocks)
    .innerJoin(users, eq(users.id, blocks.blockedId));

const keyOf = (userId: Id, blockedId: Id) => and(eq(blocks.userId, userId), eq(blocks.blockedId, blockedId));

export const findBlock = async (db: Queryable, userId: Id, blockedId: Id): Promise<BlockView | undefined> => {
  const [view] = await views(db).where(keyOf(userId, blockedId));
  return view;
};

/** The latest first; up to one more than `limit`. */
export const listBlockViews = async (
  db: Queryable,
  { userId, after, limit }: PageRequest & { userId: Id },
): Promise<BlockView[]> =>
  await views(db)
    .where(
      and(
        eq(blocks.userId, userId),
        after &&
          sql`(${blocks.createdAt}, ${blocks.blockedId}) < (${after.at.toISOString()}::timestamptz, ${after.id}::uuid)`,
      ),
    )
    .orderBy(desc(blocks.createdAt), desc(blocks.blockedId))
    .limit(limit + 1);

/** Blocking somebody twice keeps the first. */
export const insertBlock = async (tx: Transaction, row: typeof blocks.$inferInsert): Promise<void> => {
  await tx.insert(blocks).values(row).onConflictDoNothing();
};

export const deleteBlock = async (tx: Transaction, userId: Id, blockedId: Id): Promise<void> => {
  await tx.delete(blocks).where(keyOf(userId, blockedId));
};

export const isBlocked = async (db: Queryable, key: { by: Id; who: Id }): Promise<boolean> => {
  const rows = await db.select({ id: blocks.userId }).from(blocks).where(keyOf(key.by, key.who));
  return rows.length > 0;
};
