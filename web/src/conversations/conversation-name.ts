import type { Conversation } from '@chatapp/contract/shapes';
import type { AvatarProps } from '../ui/avatar.tsx';

/** What a conversation is called: a direct one by the other person. */
export const nameOf = (conversation: Conversation): string => conversation.peer?.name ?? conversation.name;

/** Its picture: the other person's, or the group's. */
export const avatarOf = (conversation: Conversation): AvatarProps => {
  const { peer } = conversation;
  return peer
    ? { id: peer.id, name: peer.name, kind: 'person', avatarUrl: peer.avatarUrl }
    : { id: conversation.id, name: conversation.name, kind: 'group', avatarUrl: conversation.avatarUrl };
};
