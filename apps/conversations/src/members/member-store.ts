import type { Id } from '@chatapp/contract/ids';
import type { Role } from '@chatapp/contract/roles';
import { and, asc, eq, sql } from 'drizzle-orm';
import type { Queryable, Transaction } from '../database.ts';
import type { PageRequest } from '../page.ts';
import { type MemberRow, members, users } from '../tables.ts';
import type { MemberView } from './member.ts';

const views = (db: Queryable) =>
  db
    .select({
      user: { id: users.id, name: users.name, avatarUrl: users.avatarUrl },
      role: members.role,
      joinedAt: members.joinedAt,
    })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId));

const keyOf = (conversationId: Id, userId: Id) =>
  and(eq(members.conversationId, conversationId), eq(members.userId, userId));

export const findMember = async (db: Queryable, conversationId: Id, userId: Id): Promise<MemberView | undefined> => {
  const [row] = await views(db).where(keyOf(conversationId, userId));
  return row;
};

/** Who joined first comes first; up to one more than `limit`. */
export const listMemberViews = async (
  db: Queryable,
  { conversationId, after, limit }: PageRequest & { conversationId: Id },
): Promise<MemberView[]> =>
  await views(db)
    .where(
      and(
        eq(members.conversationId, conversationId),
        after &&
          sql`(${members.joinedAt}, ${members.userId}) > (${after.at.toISOString()}::timestamptz, ${after.id}::uuid)`,
      ),
    )
    .orderBy(asc(members.joinedAt), asc(members.userId))
    .limit(limit + 1);

export const insertMember = async (
  tx: Transaction,
  row: Pick<MemberRow, 'conversationId' | 'userId' | 'role' | 'joinedAt'>,
): Promise<void> => {
  await tx.insert(members).values(row);
};

export const deleteMember = async (tx: Transaction, conversationId: Id, userId: Id): Promise<void> => {
  await tx.delete(members).where(keyOf(conversationId, userId));
};

export const setRole = async (tx: Transaction, conversationId: Id, userId: Id, role: Role): Promise<void> => {
  await tx.update(members).set({ role }).where(keyOf(conversationId, userId));
};

export const setSettings = async (
  tx: Transaction,
  conversationId: Id,
  userId: Id,
  set: Partial<Pick<MemberRow, 'muted' | 'notify' | 'pinned'>>,
): Promise<void> => {
  await tx.update(members).set(set).where(keyOf(conversationId, userId));
};
