import type { Id } from '@chatapp/contract/ids';
import { and, count, desc, eq, gt, isNull, lte, max, min, notExists, or, type SQL, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Queryable } from '../database.ts';
import type { PageRequest } from '../page.ts';
import { blocks, conversations, type InvitationRow, invitations, invitationTokens, users } from '../tables.ts';
import type { InvitationView } from './invitation.ts';

const inviters = alias(users, 'inviters');
const invitees = alias(users, 'invitees');

/** The beginning of a query of invitations to conversations that are there; other stores go on from it. */
export const invitationViews = (db: Queryable) => viewsWhere(db, isNull(conversations.deletedAt));

/** The same, those to deleted conversations too. */
export const viewsEvenOfDeleted = (db: Queryable) => viewsWhere(db, undefined);

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

/** What is not over at this moment. */
export const notOver = (now: Date): SQL | undefined =>
  or(isNull(invitations.expiresAt), gt(invitations.expiresAt, now));
export const isPending = eq(invitations.state, 'pending');

export const readInvitation = async (db: Queryable, id: Id): Promise<InvitationView | undefined> => {
  const [view] = await invitationViews(db).where(eq(invitations.id, id));
  return view;
};

type PendingKey = Pick<InvitationRow, 'kind' | 'conversationId' | 'inviteeId' | 'emailFolded'>;

/** The pending invitation of the same person or address to the same conversation, which may be over by now. There is at most one; links repeat none. */
export const findPending = async (
  db: Queryable,
  { kind, conversationId, inviteeId, emailFolded }: PendingKey,
): Promise<InvitationView | undefined> => {
  const same = sameInvitee({ kind, inviteeId, emailFolded });
  if (same === undefined) return undefined;
  const [view] = await invitationViews(db).where(and(eq(invitations.conversationId, conversationId), same, isPending));
  return view;
};

const sameInvitee = ({ kind, inviteeId, emailFolded }: Omit<PendingKey, 'conversationId'>): SQL | undefined => {
  if (kind === 'person' && inviteeId !== null)
    return and(eq(invitations.inviteeId, inviteeId), eq(invitations.kind, kind));
  if (kind === 'email' && emailFolded !== null)
    return and(eq(invitations.emailFolded, emailFolded), eq(invitations.kind, kind));
  return undefined;
};

export const readInvitationByToken = async (db: Queryable, hash: string): Promise<InvitationView | undefined> => {
  const [view] = await invitationViews(db)
    .innerJoin(invitationTokens, eq(invitationTokens.invitationId, invitations.id))
    .where(eq(invitationTokens.hash, hash));
  return view && { ...view };
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

/** Where somebody has sent or got an invitation that is open, at most `limit`. */
export const listOpenInvitationsOf = async (db: Queryable, userId: Id, limit: number): Promise<Id[]> => {
  const rows = await db
    .selectDistinct({ id: invitations.conversationId })
    .from(invitations)
    .where(and(or(eq(invitations.inviteeId, userId), eq(invitations.inviterId, userId)), isPending))
    .limit(limit);
  return rows.map((row) => row.id);
};

/** Where an invitation to an address is open, at most `limit`. */
export const listOpenInvitationsTo = async (db: Queryable, address: string, limit: number): Promise<Id[]> => {
  const rows = await db
    .selectDistinct({ id: invitations.conversationId })
    .from(invitations)
    .where(and(eq(invitations.emailFolded, address), isPending))
    .limit(limit);
  return rows.map((row) => row.id);
};

/** When this person, or this address, last declined this inviter for this conversation. */
export const lastDeclineOf = async (
  db: Queryable,
  row: PendingKey & Pick<InvitationRow, 'inviterId'>,
): Promise<Date | undefined> => {
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
  await invitationViews(db)
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
  await invitationViews(db)
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
