import type { BusEvent, BusEventOf } from '@chatapp/contract/events';
import type { ConversationSet, MemberChange, Push } from '@chatapp/contract/frames';
import type { Conversation, Invitation } from '@chatapp/contract/shapes';

const text = (push: Push): string => JSON.stringify(push);

export const conversationPush = (conversation: Conversation): string => text({ e: 'conversation', conversation });

export const gonePush = (c: string): string => text({ e: 'conversation', c, gone: true });

export const setPush = (c: string, version: number, set: ConversationSet): string =>
  text({ e: 'conversation', c, version, set });

export const listsPush = text({ e: 'lists' });

/** An e-mail address in an invitation is for its inviter only. */
export const invitationPush = (invitation: Invitation, to: 'inviter' | 'invitee'): string =>
  text({ e: 'invitation', invitation: to === 'inviter' ? invitation : { ...invitation, email: null } });

export const joinRequestPush = ({ data: { request } }: BusEventOf<'member.requested'>, c: string): string =>
  text({ e: 'join-request', c, request });

export type MembershipEvent = BusEventOf<
  'member.added' | 'member.removed' | 'member.left' | 'member.banned' | 'member.role-changed'
>;

const changes: Record<MembershipEvent['type'], MemberChange> = {
  'member.added': 'added',
  'member.removed': 'removed',
  'member.left': 'left',
  'member.banned': 'banned',
  'member.role-changed': 'role',
};

/** What everybody in the conversation gets when its members change: who, and how many they are now. */
export const membersPushes = (c: string, version: number, event: MembershipEvent): string[] => {
  const { member, memberCount } = event.data;
  const members = text({ e: 'members', c, version, member, change: changes[event.type] });
  return event.type === 'member.role-changed' ? [members] : [members, setPush(c, version, { memberCount })];
};

export const isMembershipEvent = (event: BusEvent): event is MembershipEvent => event.type in changes;
