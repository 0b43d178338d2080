import type { Conversation } from '@chatapp/contract/shapes';

/** What this person may do, to show only what would work; the services decide. */

const isAdmin = ({ myRole }: Conversation): boolean => myRole === 'owner' || myRole === 'admin';

export const mayInvite = (conversation: Conversation): boolean =>
  conversation.kind === 'group' &&
  (isAdmin(conversation) || (conversation.myRole === 'member' && conversation.membersMayInvite));

export const mayWrite = ({ myRole }: Conversation): boolean => myRole !== 'viewer';

export const mayDelete = (conversation: Conversation, senderId: string, me: string): boolean =>
  mayWrite(conversation) && (senderId === me || isAdmin(conversation));
