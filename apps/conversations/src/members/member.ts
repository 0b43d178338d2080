import type { Id } from '@chatapp/contract/ids';
import type { ProblemCode } from '@chatapp/contract/problem';
import { may, outranks, type Role } from '@chatapp/contract/roles';
import type { Member, User } from '@chatapp/contract/shapes';
import { conversationSeenBy, newMembership } from '../conversations/conversation.ts';
import type { Draft } from '../events/event.ts';
import type { ConversationRow } from '../tables.ts';

/** A member with what the directory says about them. */
export interface MemberView {
  readonly user: User;
  readonly role: Role;
  readonly joinedAt: Date;
}

export const toMember = ({ user, role, joinedAt }: MemberView): Member => ({
  user,
  role,
  joinedAt: joinedAt.toISOString(),
});

/** Why `actor` may not take `subject` out of the conversation. */
export const removalRefusal = (actor: Role, subject: Role): ProblemCode | undefined =>
  may(actor, 'remove-member') && outranks(actor, subject) ? undefined : 'forbidden';

/** Why `actor` may not ban `subject`; undefined: somebody who is no member. */
export const banRefusal = (actor: Role, subject: Role | undefined): ProblemCode | undefined =>
  may(actor, 'remove-member') && (subject === undefined || outranks(actor, subject)) ? undefined : 'forbidden';

/** Why `actor` may not give `subject` the role `next`: only to people below, and nothing above the actor's own. */
export const roleChangeRefusal = (actor: Role, subject: Role, next: Role): ProblemCode | undefined =>
  may(actor, 'change-role') && outranks(actor, subject) && !outranks(next, actor) ? undefined : 'forbidden';

/** Why somebody may not leave. A direct conversation belongs to its pair for ever; an owner hands over first unless they are alone. */
export const leaveRefusal = (
  role: Role,
  conversation: Pick<ConversationRow, 'kind' | 'memberCount'>,
): ProblemCode | undefined => {
  if (conversation.kind === 'direct') return 'conflict';
  return role === 'owner' && conversation.memberCount > 1 ? 'last-owner' : undefined;
};

/** Why the members of a conversation cannot be changed at all: a direct one is never widened, an archived one refuses writes. */
export const membershipRefusal = (
  conversation: Pick<ConversationRow, 'kind' | 'archivedAt'>,
): ProblemCode | undefined =>
  conversation.kind === 'direct' || conversation.archivedAt !== null ? 'conflict' : undefined;

const change = (conversation: ConversationRow, member: MemberView, previousRole: Role | null) => ({
  userId: member.user.id,
  role: member.role,
  previousRole,
  member: toMember(member),
  memberCount: conversation.memberCount,
});

/** `peer`: whom the new member sees in a direct conversation. */
export const memberAdded = (conversation: ConversationRow, member: MemberView, peer: User | null): Draft => ({
  type: 'member.added',
  data: {
    ...change(conversation, member, null),
    conversation: conversationSeenBy(newMembership(member.role), conversation, peer),
  },
});

export const memberGone = (
  type: 'member.left' | 'member.removed' | 'member.banned',
  conversation: ConversationRow,
  member: MemberView,
): Draft => ({ type, data: change(conversation, member, member.role) });

export const roleChanged = (conversation: ConversationRow, member: MemberView, previousRole: Role): Draft => ({
  type: 'member.role-changed',
  data: change(conversation, member, previousRole),
});

/** What one member set for themselves: nobody else hears of it. */
export const settingsChanged = (
  userId: Id,
  set: Extract<Draft, { type: 'member.settings' }>['data']['set'],
): Draft => ({ type: 'member.settings', data: { userId, role: null, previousRole: null, set } });
