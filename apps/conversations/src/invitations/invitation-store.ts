import type { Id } from '@chatapp/contract/ids';
import {
  and,
  count,
  desc,
  eq,
  gt,
  inArray,
  isNotNull,
  isNull,
  lte,
  max,
  min,
  notExists,
  or,
  type SQL,
  sql,
} from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Queryable, Transaction } from '../database.ts';
import type { PageRequest } from '../page.ts';
import {
  blocks,
  type ConversationRow,
  conversations,
  type InvitationRow,
  invitations,
  invitationTokens,
  redemptions,
  users,
} from '../tables.ts';
import type { InvitationView } from './invitation.ts';

const inviters = alias(users, 'inviters');
const invitees = alias(users, 'invitees');

const viewsEvenOfDeleted = (db: Queryable) => viewsWhere(db, undefined);
const views = (db: Queryable) => viewsWhere(db, isNull(conversations.deletedAt));

const viewsWhere = (db: Queryable, ofConversation: SQL | undefined) =>
  db
    .select({
      invitation: invitations,
      conversation: {
        id: conversations.id,
        name: conversations.name,
        avatarUrl: conversations.avatarUrl,
        memberCount: conversations.memberCount,
      },
      inviter: { id: inviters.id, name: inviters.name, avatarUrl: inviters.avatarUrl },
      invitee: { id: invitees.id, name: invitees.name, avatarUrl: invitees.avatarUrl },
    })
    .from(invitations)
    .innerJoin(conversations, and(eq(conversations.id, invitations.conversationId), ofConversation))
    .innerJoin(inviters, eq(inviters.id, invitations.inviterId))
    .leftJoin(invitees, eq(invitees.id, invitations.inviteeId));

/** The beginning of a query of invitations to conversations that are there; other stores go on from it. */
export const listInvitationViews = views;

const notOver = (now: Date): SQL | undefined => or(isNull(invitations.expiresAt), gt(invitations.expiresAt, now));
const isPending = eq(invitations.state, 'pending');

export const readInvitation = async (db: Queryable, id: Id): Promise<InvitationView | undefined> => {
  const [view] = await views(db).where(eq(invitations.id, id));
  return view;
};

/** The pending invitation of the same person or address to the same conversation, which may be over by now. There is at most one; links repeat none. */
export const findPending = async (
  db: Queryable,
  { kind, conversationId, inviteeId, emailFolded }: InvitationRow,
): Promise<InvitationView | undefined> => {
  const same = sameInvitee({ kind, inviteeId, emailFolded });
  if (same === undefined) return undefined;
  const [view] = await views(db).where(and(eq(invitations.conversationId, conversationId), same, isPending));
  return view;
};

const sameInvitee = ({
  kind,
  inviteeId,
  emailFolded,
}: Pick<InvitationRow, 'kind' | 'inviteeId' | 'emailFolded'>): SQL | undefined => {
  if (kind === 'person' && inviteeId !== null)
    return and(eq(invitations.inviteeId, inviteeId), eq(invitations.kind, kind));
  if (kind === 'email' && emailFolded !== null)
    return and(eq(invitations.emailFolded, emailFolded), eq(invitations.kind, kind));
  return undefined;
};

export const insertInvitation = async (tx: Transaction, row: InvitationRow): Promise<void> => {
  await tx.insert(invitations).values(row);
};

export const insertToken = async (tx: Transaction, invitationId: Id, hash: string): Promise<void> => {
  await tx.insert(invitationTokens).values({ invitationId, hash });
};

export const readInvitationByToken = async (db: Queryable, hash: string): Promise<InvitationView | undefined> => {
  const [view] = await views(db)
    .innerJoin(invitationTokens, eq(invitationTokens.invitationId, invitations.id))
    .where(eq(invitationTokens.hash, hash));
  return view && { ...view };
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

/** How many a person sent after `since`, and when the first of them. */
export const sentSince = async (
  db: Queryable,
  inviterId: Id,
  since: Date,
): Promise<{ count: number; first: Date | null }> => {
  const [row] = await db
    .select({ count: count(), first: min(invitations.createdAt) })
    .from(invitations)
    .where(and(eq(invitations.inviterId, inviterId), gt(invitations.createdAt, since)));
  return row ?? { count: 0, first: null };
};

export const countOpenLinks = async (db: Queryable, conversationId: Id): Promise<number> => {
  const [row] = await db
    .select({ count: count() })
    .from(invitations)
    .where(and(eq(invitations.conversationId, conversationId), eq(invitations.kind, 'link'), isPending));
  return row?.count ?? 0;
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

/** Revokes what would bring a banned person back: the invitation to them, and the links that they made. */
export const revokeOfBanned = (tx: Transaction, conversationId: Id, userId: Id, now: Date): Promise<InvitationView[]> =>
  revokeWhere(
    tx,
    and(
      eq(invitations.conversationId, conversationId),
      or(eq(invitations.inviteeId, userId), isLinkOf(userId)),
      isPending,
    ),
    now,
  );

/** Revokes the links that somebody made who was removed: they could come back by one. */
export const revokeLinksOf = (tx: Transaction, conversationId: Id, userId: Id, now: Date): Promise<InvitationView[]> =>
  revokeWhere(tx, and(eq(invitations.conversationId, conversationId), isLinkOf(userId), isPending), now);

/** Revokes what somebody sent or got in one conversation, whose account is being deleted. */
export const revokeOfDeleted = (
  tx: Transaction,
  conversationId: Id,
  userId: Id,
  now: Date,
): Promise<InvitationView[]> =>
  revokeWhere(
    tx,
    and(
      eq(invitations.conversationId, conversationId),
      or(eq(invitations.inviteeId, userId), eq(invitations.inviterId, userId)),
      isPending,
    ),
    now,
  );

/** Where somebody has sent or got an invitation that is open, at most `limit`. */
export const listOpenInvitationsOf = async (db: Queryable, userId: Id, limit: number): Promise<Id[]> => {
  const rows = await db
    .selectDistinct({ id: invitations.conversationId })
    .from(invitations)
    .where(and(or(eq(invitations.inviteeId, userId), eq(invitations.inviterId, userId)), isPending))
    .limit(limit);
  return rows.map((row) => row.id);
};

const isLinkOf = (userId: Id): SQL | undefined => and(eq(invitations.kind, 'link'), eq(invitations.inviterId, userId));

const revokeWhere = async (tx: Transaction, which: SQL | undefined, now: Date): Promise<InvitationView[]> => {
  const pending = await viewsEvenOfDeleted(tx).where(which);
  if (pending.length === 0) return [];
  const ids = pending.map((view) => view.invitation.id);
  await tx
    .update(invitations)
    .set({ state: 'revoked', settledAt: now, mailDueAt: null })
    .where(and(inArray(invitations.id, ids), isPending));
  return pending;
};

/** When this person, or this address, last declined this inviter for this conversation. */
export const lastDeclineOf = async (db: Queryable, row: InvitationRow): Promise<Date | undefined> => {
  const same = sameInvitee(row);
  if (same === undefined) return undefined;
  const [found] = await db
    .select({ at: max(invitations.settledAt) })
    .from(invitations)
    .where(
      and(
        same,
        eq(invitations.conversationId, row.conversationId),
        eq(invitations.inviterId, row.inviterId),
        eq(invitations.state, 'declined'),
      ),
    );
  return found?.at ?? undefined;
};

const after = (place: PageRequest['after']): SQL | undefined =>
  place &&
  sql`(${invitations.createdAt}, ${invitations.id}) < (${place.at.toISOString()}::timestamptz, ${place.id}::uuid)`;

/** A person's pending invitations but those of whom they blocked, the newest first; up to one more than `limit`. */
export const listPendingOf = async (
  db: Queryable,
  request: PageRequest & { inviteeId: Id; now: Date },
): Promise<InvitationView[]> =>
  await views(db)
    .where(
      and(
        eq(invitations.inviteeId, request.inviteeId),
        isPending,
        notOver(request.now),
        after(request.after),
        notExists(
          db
            .select({ one: sql`1` })
            .from(blocks)
            .where(and(eq(blocks.userId, request.inviteeId), eq(blocks.blockedId, invitations.inviterId))),
        ),
      ),
    )
    .orderBy(desc(invitations.createdAt), desc(invitations.id))
    .limit(request.limit + 1);

/** The invitations to a conversation, the newest first, of one inviter alone where named; up to one more than `limit`. */
export const listInvitationsTo = async (
  db: Queryable,
  request: PageRequest & {
    conversationId: Id;
    inviterId: Id | undefined;
    state: InvitationRow['state'] | undefined;
    now: Date;
  },
): Promise<InvitationView[]> =>
  await views(db)
    .where(
      and(
        eq(invitations.conversationId, request.conversationId),
        request.inviterId === undefined ? undefined : eq(invitations.inviterId, request.inviterId),
        inState(request.state, request.now),
        after(request.after),
      ),
    )
    .orderBy(desc(invitations.createdAt), desc(invitations.id))
    .limit(request.limit + 1);

/** By the state that is shown: a pending one that is over counts as expired. */
const inState = (state: InvitationRow['state'] | undefined, now: Date): SQL | undefined => {
  if (state === undefined) return undefined;
  if (state === 'pending') return and(isPending, notOver(now));
  if (state !== 'expired') return eq(invitations.state, state);
  return or(eq(invitations.state, 'expired'), and(isPending, lte(invitations.expiresAt, now)));
};
