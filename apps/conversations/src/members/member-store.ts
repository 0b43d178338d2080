import type { Id } from '@chatapp/contract/ids';
import type { Role } from '@chatapp/contract/roles';
import { and, asc, eq, gt, isNull, ne, sql } from 'drizzle-orm';
import type { Queryable, Transaction } from '../database.ts';
import type { PageRequest } from '../page.ts';
import { conversations, type MemberRow, members, users } from '../tables.ts';
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

export const listMemberIds = async (db: Queryable, conversationId: Id, limit: number): Promise<Id[]> => {
  const rows = await db
    .select({ userId: members.userId })
    .from(members)
    .where(eq(members.conversationId, conversationId))
    .orderBy(asc(members.joinedAt), asc(members.userId))
    .limit(limit);
  return rows.map((row) => row.userId);
};

/** Where somebody is a member, deleted conversations too, at most `limit`. */
export const listMembershipsOf = async (db: Queryable, userId: Id, limit: number): Promise<Id[]> => {
  const rows = await db
    .select({ id: members.conversationId })
    .from(members)
    .where(eq(members.userId, userId))
    .orderBy(asc(members.conversationId))
    .limit(limit);
  return rows.map((row) => row.id);
};

/** Whether somebody owns a conversation in which others are. */
export const ownsWithOthers = async (db: Queryable, userId: Id): Promise<boolean> => {
  const rows = await db
    .select({ id: members.conversationId })
    .from(members)
    .innerJoin(conversations, eq(conversations.id, members.conversationId))
    .where(
      and(
        eq(members.userId, userId),
        eq(members.role, 'owner'),
        gt(conversations.memberCount, 1),
        isNull(conversations.deletedAt),
      ),
    )
    .limit(1);
  return rows.length > 0;
};

/** Who owns a conversation after its owner: the highest role, among these who joined first. */
export const findHeir = async (db: Queryable, conversationId: Id, ownerId: Id): Promise<MemberView | undefined> => {
  const rank = sql`array_position(ARRAY['admin', 'member', 'viewer'], ${members.role})`;
  const [heir] = await views(db)
    .where(and(eq(members.conversationId, conversationId), ne(members.userId, ownerId)))
    .orderBy(asc(rank), asc(members.joinedAt), asc(members.userId))
    .limit(1);
  return heir;
};

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
