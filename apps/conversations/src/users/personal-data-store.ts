import type { Id } from '@chatapp/contract/ids';
import { desc, eq, or } from 'drizzle-orm';
import type { Queryable, Transaction } from '../database.ts';
import { bans, blocks, invitations, joinRequests, redemptions, users } from '../tables.ts';
import type { Addressee } from './user-store.ts';

/** Sent ones name the address that the person wrote; received ones nobody. */
export const listInvitationsOf = async (db: Queryable, userId: Id, limit: number) => {
  const fields = {
    conversationId: invitations.conversationId,
    kind: invitations.kind,
    state: invitations.state,
    createdAt: invitations.createdAt,
  };
  const byTime = [desc(invitations.createdAt), desc(invitations.id)] as const;
  const sent = await db
    .select({ ...fields, email: invitations.email })
    .from(invitations)
    .where(eq(invitations.inviterId, userId))
    .orderBy(...byTime)
    .limit(limit);
  const received = await db
    .select(fields)
    .from(invitations)
    .where(eq(invitations.inviteeId, userId))
    .orderBy(...byTime)
    .limit(limit);
  return { sent, received };
};

export const listJoinRequestsOf = async (db: Queryable, userId: Id, limit: number) =>
  await db
    .select({
      conversationId: joinRequests.conversationId,
      state: joinRequests.state,
      createdAt: joinRequests.createdAt,
    })
    .from(joinRequests)
    .where(eq(joinRequests.userId, userId))
    .limit(limit);

export const listBlocksOf = async (db: Queryable, userId: Id, limit: number) =>
  await db
    .select({ user: { id: users.id, name: users.name, avatarUrl: users.avatarUrl }, createdAt: blocks.createdAt })
    .from(blocks)
    .innerJoin(users, eq(users.id, blocks.blockedId))
    .where(eq(blocks.userId, userId))
    .limit(limit);

export const listBansOf = async (db: Queryable, userId: Id, limit: number) =>
  await db
    .select({ conversationId: bans.conversationId, createdAt: bans.createdAt })
    .from(bans)
    .where(eq(bans.userId, userId))
    .limit(limit);

/** Deletes what is left of a deleted person. Bans of them stay with the conversations, and blocks of them with who made them. */
export const deletePersonalRows = async (tx: Transaction, { id: userId, address }: Addressee): Promise<void> => {
  await tx.delete(blocks).where(eq(blocks.userId, userId));
  await tx.delete(joinRequests).where(eq(joinRequests.userId, userId));
  await tx.delete(redemptions).where(eq(redemptions.userId, userId));
  await tx.delete(invitations).where(or(eq(invitations.inviterId, userId), eq(invitations.inviteeId, userId)));
  if (address !== null) await tx.delete(invitations).where(eq(invitations.emailFolded, address));
};
