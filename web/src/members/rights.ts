import { may, outranks, type Role } from '@chatapp/contract/roles';
import type { Conversation } from '@chatapp/contract/shapes';

/** What this person may do, to show only what would work; the services decide, by the same table. */

/** An archived conversation refuses writes, and a deleted one everything. */
const isOpen = ({ archivedAt, deletedAt }: Conversation): boolean => archivedAt === null && deletedAt === null;

/** A direct conversation stays with its pair. */
const isChangeable = (conversation: Conversation): boolean => conversation.kind === 'group' && isOpen(conversation);

export const mayInvite = (conversation: Conversation): boolean =>
  isChangeable(conversation) && may(conversation.myRole, 'invite', conversation);

export const mayWrite = (conversation: Conversation): boolean =>
  isOpen(conversation) && may(conversation.myRole, 'send');

export const mayDelete = (conversation: Conversation, senderId: string, me: string): boolean =>
  mayWrite(conversation) && (senderId === me || may(conversation.myRole, 'delete-others-message'));

export const mayUpdate = (conversation: Conversation): boolean =>
  isChangeable(conversation) && may(conversation.myRole, 'update-conversation');

export const mayArchive = ({ kind, myRole, deletedAt }: Conversation): boolean =>
  kind === 'group' && deletedAt === null && may(myRole, 'archive-conversation');

export const mayDeleteConversation = ({ kind, myRole, deletedAt }: Conversation): boolean =>
  kind === 'group' && deletedAt === null && may(myRole, 'delete-conversation');

export const mayAnswerRequests = (conversation: Conversation): boolean =>
  isChangeable(conversation) && may(conversation.myRole, 'accept-join-request');

export const mayBan = (conversation: Conversation): boolean =>
  conversation.kind === 'group' && may(conversation.myRole, 'remove-member');

/** Also where it is archived: taking somebody out is no writing. */
export const mayRemove = (conversation: Conversation, subject: Role): boolean =>
  mayBan(conversation) && outranks(conversation.myRole, subject);

export const mayTransfer = (conversation: Conversation): boolean =>
  isChangeable(conversation) && may(conversation.myRole, 'transfer-ownership');

const givenRoles = ['admin', 'member', 'viewer'] as const;
export type GivenRole = (typeof givenRoles)[number];

/** The roles that this person may give to somebody of the role `subject`; none where it would not work. */
export const rolesToGive = (conversation: Conversation, subject: Role): readonly GivenRole[] =>
  isChangeable(conversation) && may(conversation.myRole, 'change-role') && outranks(conversation.myRole, subject)
    ? givenRoles.filter((role) => !outranks(role, conversation.myRole))
    : [];

/** An owner hands over first, unless they are alone. */
export const mustHandOver = ({ myRole, memberCount }: Conversation): boolean => myRole === 'owner' && memberCount > 1;

export const mayReadAudit = (conversation: Conversation): boolean =>
  conversation.kind === 'group' && may(conversation.myRole, 'read-audit');
