import { AcceptedInvitation } from '@chatapp/contract/http-conversations';
import type { Id } from '@chatapp/contract/ids';
import { limits } from '@chatapp/contract/limits';
import type { Conversation } from '@chatapp/contract/shapes';
import { person } from '@chatapp/service/authenticate';
import { ProblemError } from '@chatapp/service/problem';
import { Elysia } from 'elysia';
import { conversationSeenBy, newMembership } from '../conversations/conversation.ts';
import { lockConversation, readSeat, recordChange } from '../conversations/conversation-store.ts';
import type { Transaction } from '../database.ts';
import type { Uses } from '../deps.ts';
import { memberAdded, membershipRefusal } from '../members/member.ts';
import { findMember, insertMember } from '../members/member-store.ts';
import { refuse } from '../refuse.ts';
import { ById, docs } from '../route-docs.ts';
import type { ConversationRow } from '../tables.ts';
import { acceptRefusal, type InvitationView, invitationEvent, stateAt } from './invitation.ts';
import { readInvitation, settleInvitation } from './invitation-store.ts';

/** `POST /invitations/:id/accept`: the conditional update, the membership and both events in one transaction. Who is a member already gets the same answer. */
export const acceptInvitation = ({ auth, transact, now }: Uses<'auth' | 'transact' | 'now'>) =>
  new Elysia().use(person(auth)).post(
    '/invitations/:id/accept',
    async ({ person, params }) => {
      const at = now();
      const conversation = await transact(async (tx) => {
        const view = await readMine(tx, params.id, person.id);
        const before = await lockConversation(tx, view.conversation.id);
        const member = await findMember(tx, before.id, person.id);
        if (member === undefined) return await join(tx, { view, before, userId: person.id, at });
        if (await settleInvitation(tx, params.id, { state: 'accepted', now: at })) {
          const events = [() => invitationEvent('invitation.accepted', view)];
          await recordChange(tx, { before, actor: person.id, at, events });
        }
        const seat = await readSeat(tx, before.id, person.id);
        return conversationSeenBy(seat.member, seat.conversation, seat.peer);
      });
      return { conversation };
    },
    {
      params: ById,
      response: { 200: AcceptedInvitation },
      detail: docs('invitations', 'Accepts an invitation to me and answers the conversation.'),
    },
  );

/** An invitation to somebody else does not exist for me. */
export const readMine = async (tx: Transaction, id: Id, inviteeId: Id): Promise<InvitationView> => {
  const view = await readInvitation(tx, id);
  if (view === undefined || view.invitation.inviteeId !== inviteeId) throw new ProblemError('not-found');
  return view;
};

const join = async (
  tx: Transaction,
  { view, before, userId, at }: { view: InvitationView; before: ConversationRow; userId: Id; at: Date },
): Promise<Conversation> => {
  if (!(await settleInvitation(tx, view.invitation.id, { state: 'accepted', now: at }))) {
    // What the loser of a race finds is what the winner left.
    const { invitation } = await readMine(tx, view.invitation.id, userId);
    throw new ProblemError(acceptRefusal(stateAt(invitation, at)) ?? 'conflict');
  }
  refuse(membershipRefusal(before));
  if (before.memberCount >= limits.memberCountMax) {
    throw new ProblemError('conflict', { detail: 'This conversation is full.' });
  }
  const { role } = view.invitation;
  await insertMember(tx, { conversationId: before.id, userId, role, joinedAt: at });
  const added = await findMember(tx, before.id, userId);
  if (added === undefined) throw new ProblemError('internal');
  const memberCount = before.memberCount + 1;
  const accepted = { ...view, conversation: { ...view.conversation, memberCount } };
  const after = await recordChange(tx, {
    before,
    set: { memberCount },
    actor: userId,
    at,
    events: [() => invitationEvent('invitation.accepted', accepted), (now) => memberAdded(now, added, null)],
  });
  return conversationSeenBy(newMembership(role), after, null);
};
