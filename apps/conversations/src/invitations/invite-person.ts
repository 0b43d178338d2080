import { InvitePerson } from '@chatapp/contract/http-conversations';
import type { Id } from '@chatapp/contract/ids';
import { Invitation, type User } from '@chatapp/contract/shapes';
import { person } from '@chatapp/service/authenticate';
import { ProblemError } from '@chatapp/service/problem';
import { Elysia } from 'elysia';
import { lockSeat, recordChange, type Seat } from '../conversations/conversation-store.ts';
import type { Transaction } from '../database.ts';
import type { Uses } from '../deps.ts';
import { membershipRefusal } from '../members/member.ts';
import { findMember } from '../members/member-store.ts';
import { refuse } from '../refuse.ts';
import { ById, docs } from '../route-docs.ts';
import type { InvitationRow } from '../tables.ts';
import { findUser, requireUser } from '../users/user-store.ts';
import {
  coolDownLeftMs,
  expiryOf,
  type InvitationView,
  invitationEvent,
  inviteRefusal,
  stateAt,
  toInvitation,
} from './invitation.ts';
import { expireInvitation, findPending, insertInvitation, lastDeclineOf } from './invitation-store.ts';

type Deps = Uses<'auth' | 'transact' | 'now' | 'newId' | 'coolDownMs'>;

/** `POST /conversations/:id/invitations`: invites a person of the directory; a repeat while that is pending answers the same one. */
export const invitePerson = ({ auth, transact, now, newId, coolDownMs }: Deps) =>
  new Elysia().use(person(auth)).post(
    '/conversations/:id/invitations',
    async ({ person, params, body, set }) => {
      const at = now();
      const row: InvitationRow = {
        id: newId(),
        conversationId: params.id,
        kind: 'person',
        state: 'pending',
        role: body.role ?? 'member',
        inviterId: person.id,
        inviteeId: body.userId,
        createdAt: at,
        expiresAt: expiryOf(body.expiresIn ?? '7d', at),
        settledAt: null,
        usesMax: null,
        uses: 0,
      };
      const view = await transact(async (tx) => {
        const seat = await lockSeat(tx, params.id, person.id);
        refuse(inviteRefusal(seat.member.role, seat.conversation, row.role));
        refuse(membershipRefusal(seat.conversation));
        const invitee = await requireInvitee(tx, params.id, body.userId);
        const pending = await findPending(tx, params.id, invitee.id);
        if (pending && stateAt(pending.invitation, at) === 'pending') return pending;
        await refuseCoolDown(tx, row, { inviteeId: invitee.id, coolDownMs });
        return await writeInvitation(tx, row, { seat, invitee, over: pending });
      });
      set.status = view.invitation.id === row.id ? 201 : 200;
      return toInvitation(view, at);
    },
    {
      params: ById,
      body: InvitePerson,
      response: { 200: Invitation, 201: Invitation },
      detail: docs('invitations', 'Invites a person; a repeat of a pending invitation answers the same.'),
    },
  );

const requireInvitee = async (tx: Transaction, conversationId: Id, userId: Id): Promise<User> => {
  const invitee = await findUser(tx, userId);
  if (invitee === undefined) throw new ProblemError('invalid', { errors: [{ path: '/userId', code: 'unknown' }] });
  if (await findMember(tx, conversationId, userId)) {
    throw new ProblemError('conflict', { detail: 'This person is a member already.' });
  }
  return invitee;
};

const refuseCoolDown = async (
  tx: Transaction,
  { conversationId, inviterId, createdAt }: InvitationRow,
  { inviteeId, coolDownMs }: { inviteeId: Id; coolDownMs: number },
): Promise<void> => {
  const declinedAt = await lastDeclineOf(tx, { conversationId, inviterId, inviteeId });
  const retryAfterMs = coolDownLeftMs(declinedAt, { now: createdAt, coolDownMs });
  if (retryAfterMs > 0) throw new ProblemError('cool-down', { retryAfterMs });
};

const writeInvitation = async (
  tx: Transaction,
  row: InvitationRow,
  { seat, invitee, over }: { seat: Seat; invitee: User; over: InvitationView | undefined },
): Promise<InvitationView> => {
  const { id, name, avatarUrl, memberCount } = seat.conversation;
  const inviter = await requireUser(tx, row.inviterId);
  const view: InvitationView = {
    invitation: row,
    conversation: { id, name, avatarUrl, memberCount },
    inviter,
    invitee,
  };
  // One that is over makes room: the unique index knows no clock.
  const expired = over !== undefined && (await expireInvitation(tx, over.invitation.id, row.createdAt));
  await insertInvitation(tx, row);
  await recordChange(tx, {
    before: seat.conversation,
    actor: row.inviterId,
    at: row.createdAt,
    events: [
      ...(expired ? [() => invitationEvent('invitation.expired', over)] : []),
      () => invitationEvent('invitation.created', view),
    ],
  });
  return view;
};
