import { Invite } from '@chatapp/contract/http-conversations';
import { Invitation } from '@chatapp/contract/shapes';
import { person } from '@chatapp/service/authenticate';
import { ProblemError } from '@chatapp/service/problem';
import { Elysia } from 'elysia';
import { lockSeat, recordChange, type Seat } from '../conversations/conversation-store.ts';
import type { Transaction } from '../database.ts';
import type { Uses } from '../deps.ts';
import { membershipRefusal } from '../members/member.ts';
import { refuse } from '../refuse.ts';
import { ById, docs } from '../route-docs.ts';
import type { InvitationRow } from '../tables.ts';
import { requireUser } from '../users/user-store.ts';
import {
  type InvitationView,
  invitationEvent,
  inviteRefusal,
  kindOf,
  newInvitation,
  stateAt,
  toInvitation,
} from './invitation.ts';
import { expireInvitation, insertInvitation, insertToken } from './invitation-store.ts';
import { findPending, readInvitation } from './invitation-view-store.ts';
import { type InviteLimits, refuseCoolDown, refuseTooMany, requireInvitee } from './invite-refusals.ts';
import { hashOfToken, invitationUrl } from './token.ts';

type Deps = Uses<
  'auth' | 'transact' | 'now' | 'newId' | 'newToken' | 'coolDownMs' | 'invitationsPerHour' | 'publicUrl' | 'sendsMail'
>;

/** `POST /conversations/:id/invitations`: of a person, of an address or by link. A repeat while one of the first two is pending answers the same one. */
export const invite = ({ auth, transact, now, newId, newToken, publicUrl, sendsMail, ...inviteLimits }: Deps) =>
  new Elysia().use(person(auth)).post(
    '/conversations/:id/invitations',
    async ({ person, params, body, set }) => {
      const at = now();
      const kind = kindOf(body);
      if (kind === undefined) throw oneOfThem();
      if (kind === 'email' && !sendsMail) throw new ProblemError('conflict', { detail: 'This server sends no mail.' });
      const given = { id: newId(), kind, conversationId: params.id, inviterId: person.id, at };
      const row = newInvitation(body, given);
      const token = kind === 'link' ? newToken() : undefined;
      const view = await transact(async (tx, { repeated }) => {
        const done = repeated ? await readInvitation(tx, row.id) : undefined;
        if (done) return done;
        const seat = await lockSeat(tx, params.id, person.id);
        refuse(inviteRefusal(seat.member.role, seat.conversation, row.role));
        refuse(membershipRefusal(seat.conversation));
        return await writeOrRepeat(tx, row, { seat, token, inviteLimits });
      });
      const isNew = view.invitation.id === row.id;
      set.status = isNew ? 201 : 200;
      const invitation = toInvitation(view, { now: at, viewer: person.id });
      return isNew && token !== undefined ? { ...invitation, url: invitationUrl(publicUrl, token) } : invitation;
    },
    {
      params: ById,
      body: Invite,
      response: { 200: Invitation, 201: Invitation },
      detail: docs(
        'invitations',
        'Invites a person, an address, or whoever has the link, which only this answer names.',
      ),
    },
  );

const writeOrRepeat = async (
  tx: Transaction,
  row: InvitationRow,
  { seat, token, inviteLimits }: { seat: Seat; token: string | undefined; inviteLimits: InviteLimits },
): Promise<InvitationView> => {
  const invitee = await requireInvitee(tx, row);
  const pending = await findPending(tx, row);
  if (pending && stateAt(pending.invitation, row.createdAt) === 'pending') return pending;
  await refuseCoolDown(tx, row, inviteLimits);
  await refuseTooMany(tx, row, inviteLimits);
  const { id, name, avatarUrl, memberCount } = seat.conversation;
  const inviter = await requireUser(tx, row.inviterId);
  const view = { invitation: row, conversation: { id, name, avatarUrl, memberCount }, inviter, invitee };
  // One that is over makes room: the unique index knows no clock.
  const expired = pending !== undefined && (await expireInvitation(tx, pending.invitation.id, row.createdAt));
  await insertInvitation(tx, row);
  if (token !== undefined) await insertToken(tx, row.id, hashOfToken(token));
  await recordChange(tx, {
    before: seat.conversation,
    actor: row.inviterId,
    at: row.createdAt,
    events: [
      ...(expired ? [() => invitationEvent('invitation.expired', pending)] : []),
      () => invitationEvent('invitation.created', view),
    ],
  });
  return view;
};

const oneOfThem = () =>
  new ProblemError('invalid', { errors: [{ path: '/userId', code: 'either-user-id-or-email-or-link' }] });
