import type { Id } from '@chatapp/contract/ids';
import type { Role } from '@chatapp/contract/roles';
import type { Conversation, User } from '@chatapp/contract/shapes';
import type { ConversationRow, MemberRow } from '../tables.ts';

/** A member's own part of a conversation. */
export type Membership = Pick<MemberRow, 'role' | 'muted' | 'notify' | 'pinned'>;

/** What somebody who just joined has set. */
export const newMembership = (role: Role): Membership => ({ role, muted: false, notify: 'all', pinned: false });

/** A conversation as one member sees it. `peer`: the other person of a direct one. */
export const conversationSeenBy = (
  membership: Membership,
  conversation: ConversationRow,
  peer: User | null,
): Conversation => ({
  id: conversation.id,
  kind: conversation.kind,
  name: conversation.name,
  topic: conversation.topic,
  avatarUrl: conversation.avatarUrl,
  version: conversation.version,
  memberCount: conversation.memberCount,
  myRole: membership.role,
  membersMayInvite: conversation.membersMayInvite,
  joinable: conversation.joinable,
  receipts: conversation.receipts,
  muted: membership.muted,
  notify: membership.notify,
  pinned: membership.pinned,
  peer,
  createdAt: conversation.createdAt.toISOString(),
  lastActivityAt: conversation.lastActivityAt.toISOString(),
  archivedAt: instantOrNull(conversation.archivedAt),
  deletedAt: instantOrNull(conversation.deletedAt),
});

/** A conversation before its first event, which makes its version 1. */
export const newConversation = (given: {
  id: Id;
  kind: ConversationRow['kind'];
  createdBy: Id;
  at: Date;
  name: string;
  topic: string | null;
  avatarUrl: string | null;
  pair?: { directLow: Id; directHigh: Id };
}): ConversationRow => ({
  id: given.id,
  kind: given.kind,
  name: given.name,
  topic: given.topic,
  avatarUrl: given.avatarUrl,
  version: 0,
  eventCount: 0,
  memberCount: 0,
  membersMayInvite: false,
  joinable: false,
  receipts: true,
  directLow: given.pair?.directLow ?? null,
  directHigh: given.pair?.directHigh ?? null,
  createdBy: given.createdBy,
  createdAt: given.at,
  lastActivityAt: given.at,
  archivedAt: null,
  deletedAt: null,
});

/** The same pair in either order is the same two columns. */
export const pairOf = (one: Id, other: Id): { directLow: Id; directHigh: Id } =>
  one < other ? { directLow: one, directHigh: other } : { directLow: other, directHigh: one };

/**
 * The role by which messages and realtime decide: an archived or deleted conversation refuses writes, so everybody only reads there. It changes
 * together with the version, so caches of it are dropped.
 */
export const roleInForce = (role: Role, conversation: Pick<ConversationRow, 'archivedAt' | 'deletedAt'>): Role =>
  conversation.archivedAt === null && conversation.deletedAt === null ? role : 'viewer';

const instantOrNull = (at: Date | null): string | null => at?.toISOString() ?? null;
