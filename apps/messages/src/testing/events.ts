import type { BusEvent, BusEventOf, BusEventType } from '@chatapp/contract/events';
import type { Role } from '@chatapp/contract/roles';
import type { Conversation, Member } from '@chatapp/contract/shapes';
import { ann, bob } from './people.ts';

const at = (over: Partial<BusEvent>, conversationId: string) => ({
  id: crypto.randomUUID(),
  v: 1 as const,
  at: new Date().toISOString(),
  actor: ann,
  conversationId,
  version: 1,
  traceparent: null,
  ...over,
});

const member = (id: string, role: Role): Member => ({
  user: { id, name: 'Somebody', avatarUrl: null },
  role,
  joinedAt: new Date().toISOString(),
});

const conversation = (id: string): Conversation => ({
  ...{ id, kind: 'group', name: 'Tea', topic: null, avatarUrl: null, version: 1, memberCount: 1, myRole: 'owner' },
  ...{
    membersMayInvite: false,
    joinable: false,
    receipts: false,
    muted: false,
    notify: 'all',
    pinned: false,
    peer: null,
  },
  ...{
    createdAt: new Date().toISOString(),
    lastActivityAt: new Date().toISOString(),
    archivedAt: null,
    deletedAt: null,
  },
});

export const created = (c: string): BusEventOf<'conversation.created'> => ({
  ...at({}, c),
  type: 'conversation.created',
  data: { conversation: conversation(c), member: member(ann, 'owner') },
});

export const renamed = (c: string, name: string): BusEventOf<'conversation.updated'> => ({
  ...at({}, c),
  type: 'conversation.updated',
  data: { name },
});

export const archived = (c: string, version: number): BusEventOf<'conversation.updated'> => ({
  ...at({ version }, c),
  type: 'conversation.updated',
  data: { archivedAt: new Date().toISOString() },
});

export const deleted = (c: string, version: number): BusEventOf<'conversation.deleted'> => ({
  ...at({ version }, c),
  type: 'conversation.deleted',
  data: { deletedAt: new Date().toISOString() },
});

export const erased = (c: string, version: number): BusEventOf<'conversation.erased'> => ({
  ...at({ version, actor: null }, c),
  type: 'conversation.erased',
  data: {},
});

export const accountDeleted = (userId: string, deletedAt = new Date()): BusEventOf<'user.deleted'> => ({
  ...at({ actor: userId, version: null, at: deletedAt.toISOString() }, ''),
  conversationId: null,
  type: 'user.deleted',
  data: { userId },
});

type MemberEvent = Extract<BusEventType, 'member.removed' | 'member.left' | 'member.banned' | 'member.role-changed'>;

const memberChange = (role: Role, previousRole: Role | null, userId = bob) => ({
  ...{ userId, role, previousRole, member: member(userId, role), memberCount: 2 },
});

export const added = (c: string, over: { at?: string; version?: number } = {}): BusEventOf<'member.added'> => ({
  ...at({ actor: bob, ...over }, c),
  type: 'member.added',
  data: { ...memberChange('member', null), conversation: conversation(c) },
});

export const gone = (c: string, type: MemberEvent, version: number, userId = bob): BusEvent => ({
  ...at({ version }, c),
  type,
  data: memberChange('member', 'member', userId),
});

export const roleChanged = (
  c: string,
  role: Role = 'viewer',
  previousRole: Role = 'member',
  version = 3,
): BusEventOf<'member.role-changed'> => ({
  ...at({ version }, c),
  type: 'member.role-changed',
  data: memberChange(role, previousRole),
});
