import type { Id } from '@chatapp/contract/ids';
import { limits } from '@chatapp/contract/limits';
import { outranks, type Role, roles } from '@chatapp/contract/roles';
import { ProblemError } from '@chatapp/service/problem';
import { isBanned } from '../bans/ban-store.ts';
import { recordChange } from '../conversations/conversation-store.ts';
import type { Transaction } from '../database.ts';
import type { Draft } from '../events/event.ts';
import { invitationEvent, revokedEvents } from '../invitations/invitation.ts';
import { revokeSent, settleInvitation } from '../invitations/invitation-store.ts';
import { findPending } from '../invitations/invitation-view-store.ts';
import { deleteJoinRequest } from '../join-requests/join-request-store.ts';
import { refuse } from '../refuse.ts';
import type { ConversationRow } from '../tables.ts';
import { readAddressee, requireUser } from '../users/user-store.ts';
import { type MemberView, membershipRefusal } from './member.ts';
import { findMember, insertMember } from './member-store.ts';

interface Admission {
  /** Locked. */
  readonly conversation: ConversationRow;
  readonly userId: Id;
  readonly role: Role;
  readonly at: Date;
}

/**
 * The one way into a locked conversation, by whichever road: refuses who is banned, and where nobody can be added. What they asked for is granted
 * with it, what else invites them is accepted, and what they sent when they were more is revoked. The caller counts the new member in the conversation as answered, and tells of them.
 */
export const admitMember = async (
  tx: Transaction,
  admission: Admission,
): Promise<{ before: ConversationRow; added: MemberView }> => {
  const { conversation, userId, role, at } = admission;
  await requireUser(tx, userId);
  if (await isBanned(tx, conversation.id, userId)) throw new ProblemError('banned');
  refuse(membershipRefusal(conversation));
  if (conversation.memberCount >= limits.memberCountMax) {
    throw new ProblemError('conflict', { detail: 'This conversation is full.' });
  }
  await deleteJoinRequest(tx, conversation.id, userId);
  const before = await settleInvitations(tx, admission);
  await insertMember(tx, { conversationId: conversation.id, userId, role, joinedAt: at });
  const added = await findMember(tx, conversation.id, userId);
  if (added === undefined) throw new ProblemError('internal');
  return { before, added };
};

/** One that stayed open would bring a person back after their removal, or by their own link, with whatever role it names. */
const settleInvitations = async (
  tx: Transaction,
  { conversation: before, userId, role, at }: Admission,
): Promise<ConversationRow> => {
  const { address } = await readAddressee(tx, userId);
  const events: (() => Draft)[] = [];
  for (const to of [
    { kind: 'person', inviteeId: userId, emailFolded: null },
    { kind: 'email', inviteeId: null, emailFolded: address },
  ] as const) {
    const open = await findPending(tx, { conversationId: before.id, ...to });
    if (!open || !(await settleInvitation(tx, open.invitation.id, { state: 'accepted', now: at }))) continue;
    const conversation = { ...open.conversation, memberCount: before.memberCount + 1 };
    events.push(() => invitationEvent('invitation.accepted', { ...open, conversation }));
  }
  const higher = roles.filter((one) => outranks(one, role));
  const ended = await revokeSent(tx, { conversationId: before.id, inviterId: userId, roles: higher }, at);
  events.push(...revokedEvents(ended));
  return events.length === 0 ? before : await recordChange(tx, { before, actor: userId, at, events });
};
