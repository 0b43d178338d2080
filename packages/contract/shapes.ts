import { type Static, type TSchema, t } from 'elysia';
import { Id, Instant, Position, PositionOrZero } from './ids.ts';
import { limits } from './limits.ts';
import { Role } from './role-schema.ts';

/** What is absent is null, never left out. */
export const Nullable = <T extends TSchema>(schema: T) => t.Union([schema, t.Null()]);

/**
 * A text that is stored as NFC and has up to so many code points then. They are counted where it is normalized; here is only a bound in
 * UTF-16 units that no such text passes: decomposed, a code point has four at most.
 */
export const TextOf = (lengthMax: number, minLength: 0 | 1 = 1) =>
  t.String({ minLength, maxLength: 4 * lengthMax, description: `Up to ${lengthMax} code points as NFC` });

/** An `https:` or root-relative address of a picture; `//host` would be another's. No white space, controls or backslashes. */
export const AvatarUrl = t.String({
  pattern: '^(https://|/(?!/))[^\\s\\u0000-\\u001f\\u007f\\\\]*$',
  maxLength: limits.avatarUrlLengthMax,
});

/** `id` is UUIDv5 over (issuer alias, kind, sub): see `userIdOf`. */
export const User = t.Object({ id: Id, name: t.String(), avatarUrl: Nullable(t.String()) });
export type User = Static<typeof User>;

/** The signed-in person. `createdAt` is null while the directory could not be asked. */
export const Me = t.Object({
  ...User.properties,
  email: Nullable(t.String()),
  emailVerified: t.Boolean(),
  createdAt: Nullable(Instant),
});
export type Me = Static<typeof Me>;

export const ConversationKind = t.Union([t.Literal('group'), t.Literal('direct')]);
export const NotifyLevel = t.Union([t.Literal('all'), t.Literal('mentions'), t.Literal('none')]);

/** A conversation as one person sees it: `myRole`, `muted`, `notify`, `pinned` and `peer` (the other of a direct one) are theirs. */
export const Conversation = t.Object({
  id: Id,
  kind: ConversationKind,
  name: t.String(),
  topic: Nullable(t.String()),
  avatarUrl: Nullable(t.String()),
  version: Position,
  memberCount: t.Integer({ minimum: 0 }),
  myRole: Role,
  membersMayInvite: t.Boolean(),
  joinable: t.Boolean(),
  receipts: t.Boolean(),
  muted: t.Boolean(),
  notify: NotifyLevel,
  pinned: t.Boolean(),
  peer: Nullable(User),
  createdAt: Instant,
  lastActivityAt: Instant,
  archivedAt: Nullable(Instant),
  deletedAt: Nullable(Instant),
});
export type Conversation = Static<typeof Conversation>;

export const Member = t.Object({ user: User, role: Role, joinedAt: Instant });
export type Member = Static<typeof Member>;

export const InvitationState = t.Union([
  t.Literal('pending'),
  t.Literal('accepted'),
  t.Literal('declined'),
  t.Literal('revoked'),
  t.Literal('expired'),
  t.Literal('used-up'),
]);
export type InvitationState = Static<typeof InvitationState>;

/** `email` is shown to the inviter only; `url` only in the 201 of a link. */
export const Invitation = t.Object({
  id: Id,
  kind: t.Union([t.Literal('person'), t.Literal('email'), t.Literal('link')]),
  state: InvitationState,
  conversation: t.Object({
    id: Id,
    name: t.String(),
    avatarUrl: Nullable(t.String()),
    memberCount: t.Integer({ minimum: 0 }),
  }),
  role: Role,
  inviter: User,
  invitee: Nullable(User),
  email: Nullable(t.String()),
  createdAt: Instant,
  expiresAt: Nullable(Instant),
  usesMax: Nullable(t.Integer({ minimum: 1 })),
  uses: t.Integer({ minimum: 0 }),
  url: t.Optional(t.String()),
});
export type Invitation = Static<typeof Invitation>;

export const Reaction = t.Object({
  emoji: t.String(),
  count: t.Integer({ minimum: 1 }),
  userIds: t.Array(Id, { maxItems: limits.reactionUserIdsMax }),
});
export type Reaction = Static<typeof Reaction>;

/** What a system message tells. */
export const SystemEvent = t.Object({
  type: t.Union([
    t.Literal('created'),
    t.Literal('joined'),
    t.Literal('left'),
    t.Literal('removed'),
    t.Literal('role'),
    t.Literal('renamed'),
  ]),
  userId: Id,
  role: t.Optional(Role),
  name: t.Optional(t.String()),
});
export type SystemEvent = Static<typeof SystemEvent>;

/** The whole present state of a message. A deleted one is a tombstone: `body` '', no reactions, no mentions. */
export const Message = t.Object({
  conversationId: Id,
  seq: Position,
  rev: Position,
  id: Id,
  clientId: Id,
  senderId: Id,
  kind: t.Union([t.Literal('text'), t.Literal('system')]),
  body: t.String(),
  replyTo: Nullable(Position),
  reactions: t.Array(Reaction),
  mentions: t.Array(Id),
  system: Nullable(SystemEvent),
  createdAt: Instant,
  editedAt: Nullable(Instant),
  deletedAt: Nullable(Instant),
});
export type Message = Static<typeof Message>;

export const JoinRequest = t.Object({ user: User, createdAt: Instant });
export type JoinRequest = Static<typeof JoinRequest>;

/** Derived from positions, never stored; counts are exact up to `limits.unreadCountMax`. */
export const UnreadRow = t.Object({
  conversationId: Id,
  headSeq: PositionOrZero,
  lastReadSeq: PositionOrZero,
  unread: t.Integer({ minimum: 0 }),
  mentions: t.Integer({ minimum: 0 }),
  markedUnread: t.Boolean(),
});
export type UnreadRow = Static<typeof UnreadRow>;

/** A page of a list; `next` is the opaque cursor of the next page, null at the end. */
export const Page = <T extends TSchema>(item: T) => t.Object({ items: t.Array(item), next: Nullable(t.String()) });
export type Page<T> = { items: T[]; next: string | null };
