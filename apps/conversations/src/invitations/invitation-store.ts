import type { Id } from '@chatapp/contract/ids';
import { and, desc, eq, gt, isNull, lte, max, or, type SQL, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Queryable, Transaction } from '../database.ts';
import type { PageRequest } from '../page.ts';
import { type ConversationRow, conversations, type InvitationRow, invitations, users } from '../tables.ts';
import type { InvitationView } from './invitation.ts';

const inviters = alias(users, 'inviters');
const invitees = alias(users, 'invitees');

const views = (db: Queryable) =>
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
    .innerJoin(conversations, and(eq(conversations.id, invitations.conversationId), isNull(conversations.deletedAt)))
    .innerJoin(inviters, eq(inviters.id, invitations.inviterId))
    .leftJoin(invitees, eq(invitees.id, invitations.inviteeId));

const notOver = (now: Date): SQL | undefined => or(isNull(invitations.expiresAt), gt(invitations.expiresAt, now));
const isPending = eq(invitations.state, 'pending');

export const readInvitation = async (db: Queryable, id: Id): Promise<InvitationView | undefined> => {
  const [view] = await views(db).where(eq(invitations.id, id));
  return view;
};

/** The pending invitation of a person to a conversation, which may be over by now. There is at most one. */
export const findPending = async (
  db: Queryable,
  conversationId: Id,
  inviteeId: Id,
): Promise<InvitationView | undefined> => {
  const [view] = await views(db).where(
    and(
      eq(invitations.conversationId, conversationId),
      eq(invitations.inviteeId, inviteeId),
      isPending,
      eq(invitations.kind, 'person'),
    ),
  );
  return view;
};

export const insertInvitation = async (tx: Transaction, row: InvitationRow): Promise<void> => {
  await tx.insert(invitations).values(row);
};

/** Leaves the state pending, once for all: false where it was not pending any more or is over. */
export const settleInvitation = async (
  tx: Transaction,
  id: Id,
  { state, now }: { state: 'accepted' | 'declined' | 'revoked'; now: Date },
): Promise<boolean> => {
  const settled = await tx
    .update(invitations)
    .set({ state, settledAt: now, ...(state === 'accepted' ? { uses: sql`${invitations.uses} + 1` } : {}) })
    .where(and(eq(invitations.id, id), isPending, notOver(now)))
    .returning({ id: invitations.id });
  return settled.length > 0;
};

/** Writes down that a pending invitation is over. */
export const expireInvitation = async (tx: Transaction, id: Id, now: Date): Promise<boolean> => {
  const expired = await tx
    .update(invitations)
    .set({ state: 'expired', settledAt: now })
    .where(and(eq(invitations.id, id), isPending, lte(invitations.expiresAt, now)))
    .returning({ id: invitations.id });
  return expired.length > 0;
};

/** Revokes what is pending for a conversation whose row is locked. Answers what it revoked. */
export const revokeAllPending = async (
  tx: Transaction,
  conversation: ConversationRow,
  now: Date,
): Promise<InvitationView[]> => {
  const pending = await views(tx).where(and(eq(invitations.conversationId, conversation.id), isPending));
  await tx
    .update(invitations)
    .set({ state: 'revoked', settledAt: now })
    .where(and(eq(invitations.conversationId, conversation.id), isPending));
  return pending;
};

/** When the person last declined this inviter for this conversation. */
export const lastDeclineOf = async (
  db: Queryable,
  key: Pick<InvitationRow, 'conversationId' | 'inviterId'> & { inviteeId: Id },
): Promise<Date | undefined> => {
  const [row] = await db
    .select({ at: max(invitations.settledAt) })
    .from(invitations)
    .where(
      and(
        eq(invitations.inviteeId, key.inviteeId),
        eq(invitations.conversationId, key.conversationId),
        eq(invitations.inviterId, key.inviterId),
        eq(invitations.state, 'declined'),
      ),
    );
  return row?.at ?? undefined;
};

const after = (place: PageRequest['after']): SQL | undefined =>
  place &&
  sql`(${invitations.createdAt}, ${invitations.id}) < (${place.at.toISOString()}::timestamptz, ${place.id}::uuid)`;

/** A person's pending invitations, the newest first; up to one more than `limit`. */
export const listPendingOf = async (
  db: Queryable,
  request: PageRequest & { inviteeId: Id; now: Date },
): Promise<InvitationView[]> =>
  await views(db)
    .where(and(eq(invitations.inviteeId, request.inviteeId), isPending, notOver(request.now), after(request.after)))
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
