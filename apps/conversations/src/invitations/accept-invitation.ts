import { AcceptedInvitation } from '@chatapp/contract/http-conversations';
import type { Id } from '@chatapp/contract/ids';
import type { Conversation } from '@chatapp/contract/shapes';
import { person } from '@chatapp/service/authenticate';
import { ProblemError } from '@chatapp/service/problem';
import { refuseBody } from '@chatapp/service/refuse-body';
import { Elysia } from 'elysia';
import { conversationSeenBy, newMembership } from '../conversations/conversation.ts';
import { lockConversation, readSeat, recordChange } from '../conversations/conversation-store.ts';
import type { Transaction } from '../database.ts';
import type { Uses } from '../deps.ts';
import { admitMember } from '../members/admit-member.ts';
import { memberAdded } from '../members/member.ts';
import { findMember } from '../members/member-store.ts';
import { ById, docs } from '../route-docs.ts';
import type { ConversationRow } from '../tables.ts';
import { acceptRefusal, type InvitationView, invitationEvent, stateAt } from './invitation.ts';
import { settleInvitation } from './invitation-store.ts';
import { readInvitation } from './invitation-view-store.ts';

/** `POST /invitations/:id/accept`: the conditional update, the membership and both events in one transaction. Who is a member already gets the same answer. */
export const acceptInvitation = ({ auth, transact, now }: Uses<'auth' | 'transact' | 'now'>) =>
  new Elysia().use(person(auth)).post(
    '/invitations/:id/accept',
    async ({ person, params }) => {
      const at = now();
      const conversation = await transact(async (tx) => {
        const view = await readInvitation(tx, params.id);
        // An invitation to somebody else does not exist for me; one to an address asks for its token.
        if (view?.invitation.inviteeId !== person.id) throw new ProblemError('not-found');
        const before = await lockConversation(tx, view.conversation.id);
        return await acceptOnce(tx, { view, before, userId: person.id, at });
      });
      return { conversation };
    },
    {
      params: ById,
      beforeHandle: refuseBody,
      response: { 200: AcceptedInvitation },
      detail: docs('invitations', 'Accepts an invitation to me and answers the conversation.'),
    },
  );

export interface Acceptance {
  readonly view: InvitationView;
  /** Locked. */
  readonly before: ConversationRow;
  readonly userId: Id;
  readonly at: Date;
}

/** Accepts an invitation that is for one person. */
export const acceptOnce = async (tx: Transaction, acceptance: Acceptance): Promise<Conversation> => {
  const { view, before, userId, at } = acceptance;
  const isMember = (await findMember(tx, before.id, userId)) !== undefined;
  const settled = await settleInvitation(tx, view.invitation.id, { state: 'accepted', now: at });
  if (!isMember && !settled) throw await refusalOf(tx, acceptance);
  if (!isMember) return await join(tx, acceptance, { told: true });
  if (settled) {
    const events = [() => invitationEvent('invitation.accepted', view)];
    await recordChange(tx, { before, actor: userId, at, events });
  }
  const seat = await readSeat(tx, before.id, userId);
  return conversationSeenBy(seat.member, seat.conversation, seat.peer);
};

/** What the loser of a race finds is what the winner left. */
export const refusalOf = async (tx: Transaction, { view, at }: Acceptance): Promise<ProblemError> => {
  const settled = await readInvitation(tx, view.invitation.id);
  if (settled === undefined) return new ProblemError('not-found');
  return new ProblemError(acceptRefusal(stateAt(settled.invitation, at)) ?? 'conflict');
};

/** Makes the person a member with the invited role. `told`: the invitation changed, and its inviter hears of it. */
export const join = async (
  tx: Transaction,
  { view, before: conversation, userId, at }: Acceptance,
  { told }: { told: boolean },
): Promise<Conversation> => {
  const { role } = view.invitation;
  const { before, added } = await admitMember(tx, { conversation, userId, role, at });
  const memberCount = before.memberCount + 1;
  const accepted = { ...view, conversation: { ...view.conversation, memberCount } };
  const after = await recordChange(tx, {
    before,
    set: { memberCount },
    actor: userId,
    at,
    events: [
      ...(told ? [() => invitationEvent('invitation.accepted', accepted)] : []),
      (now) => memberAdded(now, added, null),
    ],
  });
  return conversationSeenBy(newMembership(role), after, null);
};
