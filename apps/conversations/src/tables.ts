import type { Id } from '@chatapp/contract/ids';
import type { Role } from '@chatapp/contract/roles';
import type { Conversation, Invitation } from '@chatapp/contract/shapes';
import { bigint, boolean, customType, integer, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core';

/** The tables of `migrations/`, for queries only: constraints and indexes stand there. */

const id = (name: string) => uuid(name).$type<Id>();
const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });
const bytes = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });
const count = (name: string) => bigint(name, { mode: 'number' });

export const users = pgTable('users', {
  id: id('id').primaryKey(),
  name: text('name').notNull(),
  nameFolded: text('name_folded').notNull(),
  nameIsOwn: boolean('name_is_own').notNull().default(false),
  email: text('email'),
  emailFolded: text('email_folded'),
  emailVerified: boolean('email_verified').notNull(),
  avatarUrl: text('avatar_url'),
  avatarIsOwn: boolean('avatar_is_own').notNull().default(false),
  eventCount: count('event_count').notNull().default(0),
  createdAt: instant('created_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
  deletedAt: instant('deleted_at'),
  isLeaving: boolean('is_leaving').notNull().default(false),
});
export type UserRow = typeof users.$inferSelect;

export const userWords = pgTable(
  'user_words',
  { userId: id('user_id').notNull(), word: text('word').notNull() },
  (table) => [primaryKey({ columns: [table.userId, table.word] })],
);

export const conversations = pgTable('conversations', {
  id: id('id').primaryKey(),
  kind: text('kind').$type<Conversation['kind']>().notNull(),
  name: text('name').notNull(),
  topic: text('topic'),
  avatarUrl: text('avatar_url'),
  version: count('version').notNull(),
  eventCount: count('event_count').notNull(),
  memberCount: integer('member_count').notNull(),
  membersMayInvite: boolean('members_may_invite').notNull().default(false),
  joinable: boolean('joinable').notNull().default(false),
  receipts: boolean('receipts').notNull().default(true),
  directLow: id('direct_low'),
  directHigh: id('direct_high'),
  createdBy: id('created_by').notNull(),
  createdAt: instant('created_at').notNull(),
  lastActivityAt: instant('last_activity_at').notNull(),
  archivedAt: instant('archived_at'),
  deletedAt: instant('deleted_at'),
});
export type ConversationRow = typeof conversations.$inferSelect;

export const members = pgTable(
  'members',
  {
    conversationId: id('conversation_id').notNull(),
    userId: id('user_id').notNull(),
    role: text('role').$type<Role>().notNull(),
    joinedAt: instant('joined_at').notNull(),
    muted: boolean('muted').notNull().default(false),
    notify: text('notify').$type<Conversation['notify']>().notNull().default('all'),
    pinned: boolean('pinned').notNull().default(false),
  },
  (table) => [primaryKey({ columns: [table.conversationId, table.userId] })],
);
export type MemberRow = typeof members.$inferSelect;

export const invitations = pgTable('invitations', {
  id: id('id').primaryKey(),
  conversationId: id('conversation_id').notNull(),
  kind: text('kind').$type<Invitation['kind']>().notNull(),
  state: text('state').$type<Invitation['state']>().notNull(),
  role: text('role').$type<Role>().notNull(),
  inviterId: id('inviter_id').notNull(),
  inviteeId: id('invitee_id'),
  createdAt: instant('created_at').notNull(),
  expiresAt: instant('expires_at'),
  settledAt: instant('settled_at'),
  usesMax: integer('uses_max'),
  uses: integer('uses').notNull().default(0),
  email: text('email'),
  emailFolded: text('email_folded'),
  expiresHour: integer('expires_hour'),
  mailDueAt: instant('mail_due_at'),
  mailAttempts: integer('mail_attempts').notNull().default(0),
});
export type InvitationRow = typeof invitations.$inferSelect;

export const invitationTokens = pgTable('invitation_tokens', {
  hash: text('hash').primaryKey(),
  invitationId: id('invitation_id').notNull(),
});

export const redemptions = pgTable(
  'redemptions',
  {
    invitationId: id('invitation_id').notNull(),
    userId: id('user_id').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.invitationId, table.userId] })],
);

export const bans = pgTable(
  'bans',
  {
    conversationId: id('conversation_id').notNull(),
    userId: id('user_id').notNull(),
    bannedBy: id('banned_by').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.conversationId, table.userId] })],
);

export const blocks = pgTable(
  'blocks',
  {
    userId: id('user_id').notNull(),
    blockedId: id('blocked_id').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.blockedId] })],
);

export const joinRequests = pgTable(
  'join_requests',
  {
    conversationId: id('conversation_id').notNull(),
    userId: id('user_id').notNull(),
    state: text('state').$type<'pending' | 'declined'>().notNull(),
    createdAt: instant('created_at').notNull(),
    settledAt: instant('settled_at'),
  },
  (table) => [primaryKey({ columns: [table.conversationId, table.userId] })],
);
export type JoinRequestRow = typeof joinRequests.$inferSelect;

export const audit = pgTable(
  'audit',
  {
    conversationId: id('conversation_id').notNull(),
    ordinal: count('ordinal').notNull(),
    eventId: id('event_id').notNull(),
    act: text('act').notNull(),
    actorId: id('actor_id'),
    subjectId: id('subject_id'),
    details: text('details').notNull(),
    at: instant('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.conversationId, table.ordinal] })],
);
export type AuditRow = typeof audit.$inferSelect;

export const avatars = pgTable('avatars', {
  userId: id('user_id').primaryKey(),
  type: text('type').notNull(),
  hash: text('hash').notNull(),
  bytes: bytes('bytes').notNull(),
  createdAt: instant('created_at').notNull(),
});

export const conversationAvatars = pgTable('conversation_avatars', {
  conversationId: id('conversation_id').primaryKey(),
  type: text('type').notNull(),
  token: text('token').notNull(),
  bytes: bytes('bytes').notNull(),
  createdAt: instant('created_at').notNull(),
});

export const outbox = pgTable(
  'outbox',
  {
    subjectId: id('subject_id').notNull(),
    ordinal: count('ordinal').notNull(),
    eventId: id('event_id').notNull(),
    event: text('event').notNull(),
    sentHour: integer('sent_hour'),
  },
  (table) => [primaryKey({ columns: [table.subjectId, table.ordinal] })],
);

export const leases = pgTable('leases', {
  name: text('name').primaryKey(),
  owner: text('owner').notNull(),
  expiresAt: timestamp('expires_at', { withTimezone: true, mode: 'date' }).notNull(),
  place: text('place'),
});
