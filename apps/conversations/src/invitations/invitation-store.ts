import type { Id } from '@chatapp/contract/ids';
import type { Role } from '@chatapp/contract/roles';
import { and, eq, inArray, isNotNull, isNull, lte, or, type SQL, sql } from 'drizzle-orm';
import type { Queryable, Transaction } from '../database.ts';
import { type ConversationRow, type InvitationRow, invitations, invitationTokens, redemptions } from '../tables.ts';
import type { Addressee } from '../users/user-store.ts';
import type { InvitationView } from './invitation.ts';
import { isPending, notOver, viewsEvenOfDeleted } from './invitation-view-store.ts';

export const insertInvitation = async (tx: Transaction, row: InvitationRow): Promise<void> => {
  await tx.insert(invitations).values(row);
};

export const insertToken = async (tx: Transaction, invitationId: Id, hash: string): Promise<void> => {
  await tx.insert(invitationTokens).values({ invitationId, hash });
};

/** Leaves the state pending, once for all: false where it was not pending any more or is over. */
export const settleInvitation = async (
  tx: Transaction,
  id: Id,
  { state, now }: { state: 'accepted' | 'declined' | 'revoked'; now: Date },
): Promise<boolean> => {
  const settled = await tx
    .update(invitations)
    .set({
      state,
      settledAt: now,
      mailDueAt: null,
      ...(state === 'accepted' ? { uses: sql`${invitations.uses} + 1` } : {}),
    })
    .where(and(eq(invitations.id, id), isPending, notOver(now)))
    .returning({ id: invitations.id });
  return settled.length > 0;
};

/** Takes one use of a link; false where there is none left, or it is not pending any more, or over. */
export const takeUse = async (tx: Transaction, id: Id, now: Date): Promise<boolean> => {
  const isLast = sql`${invitations.usesMax} IS NOT NULL AND ${invitations.uses} + 1 >= ${invitations.usesMax}`;
  const taken = await tx
    .update(invitations)
    .set({
      uses: sql`${invitations.uses} + 1`,
      state: sql`CASE WHEN ${isLast} THEN 'used-up' ELSE ${invitations.state} END`,
      settledAt: sql`CASE WHEN ${isLast} THEN ${now.toISOString()}::timestamptz END`,
    })
    .where(
      and(
        eq(invitations.id, id),
        eq(invitations.kind, 'link'),
        isPending,
        notOver(now),
        or(isNull(invitations.usesMax), sql`${invitations.uses} < ${invitations.usesMax}`),
      ),
    )
    .returning({ id: invitations.id });
  return taken.length > 0;
};

export const hasRedeemed = async (db: Queryable, invitationId: Id, userId: Id): Promise<boolean> => {
  const rows = await db
    .select({ userId: redemptions.userId })
    .from(redemptions)
    .where(and(eq(redemptions.invitationId, invitationId), eq(redemptions.userId, userId)));
  return rows.length > 0;
};

export const insertRedemption = async (tx: Transaction, row: typeof redemptions.$inferInsert): Promise<void> => {
  await tx.insert(redemptions).values(row).onConflictDoNothing();
};

/** Writes down that a pending invitation is over. */
export const expireInvitation = async (tx: Transaction, id: Id, now: Date): Promise<boolean> => {
  const expired = await tx
    .update(invitations)
    .set({ state: 'expired', settledAt: now, mailDueAt: null })
    .where(and(eq(invitations.id, id), isPending, lte(invitations.expiresAt, now)))
    .returning({ id: invitations.id });
  return expired.length > 0;
};

/** Gives an hour to those that the version before 0006 wrote, which knew none. */
export const fillExpiryHours = async (db: Queryable): Promise<void> => {
  await db
    .update(invitations)
    .set({ expiresHour: sql`floor(extract(epoch FROM ${invitations.expiresAt}) / 3600)` })
    .where(and(isPending, isNotNull(invitations.expiresAt), isNull(invitations.expiresHour)));
};

/** Pending invitations that ended in one of these hours and are over now, at most `limit`. */
export const listOver = async (
  db: Queryable,
  { hours, now, limit }: { hours: readonly number[]; now: Date; limit: number },
): Promise<{ id: Id; conversationId: Id }[]> =>
  await db
    .select({ id: invitations.id, conversationId: invitations.conversationId })
    .from(invitations)
    .where(and(inArray(invitations.expiresHour, [...hours]), isPending, lte(invitations.expiresAt, now)))
    .limit(limit);

/** Writes down which of these are over. Answers them, those of a deleted conversation too. */
export const expireInvitations = async (tx: Transaction, ids: readonly Id[], now: Date): Promise<InvitationView[]> => {
  const over = and(inArray(invitations.id, [...ids]), isPending, lte(invitations.expiresAt, now));
  const found = await viewsEvenOfDeleted(tx).where(over);
  await tx.update(invitations).set({ state: 'expired', settledAt: now, mailDueAt: null }).where(over);
  return found;
};

/** Revokes what is pending for a conversation whose row is locked. Answers what it revoked. */
export const revokeAllPending = (tx: Transaction, { id }: ConversationRow, now: Date): Promise<InvitationView[]> =>
  revokeWhere(tx, and(eq(invitations.conversationId, id), isPending), now);

/** Revokes what somebody sent with one of these roles. */
export const revokeSent = (
  tx: Transaction,
  sent: { conversationId: Id; inviterId: Id; roles: readonly Role[] },
  now: Date,
): Promise<InvitationView[]> =>
  revokeWhere(
    tx,
    and(
      eq(invitations.conversationId, sent.conversationId),
      eq(invitations.inviterId, sent.inviterId),
      inArray(invitations.role, [...sent.roles]),
      isPending,
    ),
    now,
  );

/** Revokes what somebody sent or got in one conversation, at their address too, who is being taken out of it: nothing is left to come back by. */
export const revokeOf = (
  tx: Transaction,
  conversationId: Id,
  { id, address }: Addressee,
  now: Date,
): Promise<InvitationView[]> =>
  revokeWhere(
    tx,
    and(
      eq(invitations.conversationId, conversationId),
      or(
        eq(invitations.inviteeId, id),
        eq(invitations.inviterId, id),
        address === null ? undefined : eq(invitations.emailFolded, address),
      ),
      isPending,
    ),
    now,
  );

/** Of a conversation whose row is locked: nothing is settled or added in between. */
const revokeWhere = async (tx: Transaction, which: SQL | undefined, now: Date): Promise<InvitationView[]> => {
  const pending = await viewsEvenOfDeleted(tx).where(which);
  if (pending.length === 0) return [];
  await tx.update(invitations).set({ state: 'revoked', settledAt: now, mailDueAt: null }).where(which);
  return pending;
};
