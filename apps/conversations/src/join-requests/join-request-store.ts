import type { Id } from '@chatapp/contract/ids';
import type { User } from '@chatapp/contract/shapes';
import { and, asc, eq, sql } from 'drizzle-orm';
import type { Queryable, Transaction } from '../database.ts';
import type { PageRequest } from '../page.ts';
import { type JoinRequestRow, joinRequests, users } from '../tables.ts';

export interface JoinRequestView {
  readonly user: User;
  readonly createdAt: Date;
}

const keyOf = (conversationId: Id, userId: Id) =>
  and(eq(joinRequests.conversationId, conversationId), eq(joinRequests.userId, userId));
const isPending = eq(joinRequests.state, 'pending');

export const findJoinRequest = async (
  db: Queryable,
  conversationId: Id,
  userId: Id,
): Promise<JoinRequestRow | undefined> => {
  const [row] = await db.select().from(joinRequests).where(keyOf(conversationId, userId));
  return row;
};

/** Who asked first comes first; up to one more than `limit`. */
export const listJoinRequestViews = async (
  db: Queryable,
  { conversationId, after, limit }: PageRequest & { conversationId: Id },
): Promise<JoinRequestView[]> =>
  await db
    .select({ user: { id: users.id, name: users.name, avatarUrl: users.avatarUrl }, createdAt: joinRequests.createdAt })
    .from(joinRequests)
    .innerJoin(users, eq(users.id, joinRequests.userId))
    .where(
      and(
        eq(joinRequests.conversationId, conversationId),
        isPending,
        after &&
          sql`(${joinRequests.createdAt}, ${joinRequests.userId}) > (${after.at.toISOString()}::timestamptz, ${after.id}::uuid)`,
      ),
    )
    .orderBy(asc(joinRequests.createdAt), asc(joinRequests.userId))
    .limit(limit + 1);

/** Writes a request, over one that was declined long ago. */
export const saveJoinRequest = async (
  tx: Transaction,
  key: Pick<JoinRequestRow, 'conversationId' | 'userId' | 'createdAt'>,
): Promise<void> => {
  const row = { ...key, state: 'pending', settledAt: null } as const;
  await tx
    .insert(joinRequests)
    .values(row)
    .onConflictDoUpdate({ target: [joinRequests.conversationId, joinRequests.userId], set: row });
};

/** False where none is pending. */
export const declineJoinRequest = async (
  tx: Transaction,
  conversationId: Id,
  userId: Id,
  at: Date,
): Promise<boolean> => {
  const declined = await tx
    .update(joinRequests)
    .set({ state: 'declined', settledAt: at })
    .where(and(keyOf(conversationId, userId), isPending))
    .returning({ userId: joinRequests.userId });
  return declined.length > 0;
};

/** Forgets a pending request; false where there is none. A declined one stays for its cool-down. */
export const deleteJoinRequest = async (tx: Transaction, conversationId: Id, userId: Id): Promise<boolean> => {
  const deleted = await tx
    .delete(joinRequests)
    .where(and(keyOf(conversationId, userId), isPending))
    .returning({ userId: joinRequests.userId });
  return deleted.length > 0;
};
