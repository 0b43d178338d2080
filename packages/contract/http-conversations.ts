import { type Static, t } from 'elysia';
import { Id, Instant, Position } from './ids.ts';
import { limits } from './limits.ts';
import { Role } from './role-schema.ts';
import type { Role as HeldRole } from './roles.ts';
import { AvatarUrl, Conversation, InvitationState, Me, NotifyLevel, Nullable, TextOf, User } from './shapes.ts';

/** Bodies and answers of the conversations service. Unknown fields are refused. */

const closed = { additionalProperties: false } as const;

const ConversationName = TextOf(limits.conversationNameLengthMax);
const Topic = TextOf(limits.topicLengthMax, 0);

export const CreateConversation = t.Object(
  {
    name: ConversationName,
    topic: t.Optional(Nullable(Topic)),
    avatarUrl: t.Optional(Nullable(AvatarUrl)),
  },
  closed,
);
export type CreateConversation = Static<typeof CreateConversation>;

export const UpdateConversation = t.Object(
  {
    name: t.Optional(ConversationName),
    topic: t.Optional(Nullable(Topic)),
    avatarUrl: t.Optional(Nullable(AvatarUrl)),
    membersMayInvite: t.Optional(t.Boolean()),
    joinable: t.Optional(t.Boolean()),
    receipts: t.Optional(t.Boolean()),
    archived: t.Optional(t.Boolean()),
  },
  { ...closed, minProperties: 1 },
);
export type UpdateConversation = Static<typeof UpdateConversation>;

/** `PATCH /conversations/:id/me`: what one member sets for themselves. */
export const UpdateMembership = t.Object(
  { muted: t.Optional(t.Boolean()), notify: t.Optional(NotifyLevel), pinned: t.Optional(t.Boolean()) },
  { ...closed, minProperties: 1 },
);
export type UpdateMembership = Static<typeof UpdateMembership>;

/** `POST /direct-conversations`: the same pair gets the same conversation. */
export const StartDirectConversation = t.Object({ userId: Id }, closed);

export const ExpiresIn = t.Union([
  t.Literal('1h'),
  t.Literal('1d'),
  t.Literal('7d'),
  t.Literal('30d'),
  t.Literal('never'),
]);
export type ExpiresIn = Static<typeof ExpiresIn>;

const InvitedRole = t.Union([t.Literal('admin'), t.Literal('member'), t.Literal('viewer')]);

/** One plain address: no names, lists, quotes or white space. */
export const EmailAddress = t.String({
  pattern:
    '^[^\\s@<>()\\[\\]\\\\,;:"\\u0000-\\u001f\\u007f]{1,64}@[^\\s@<>()\\[\\]\\\\,;:"\\u0000-\\u001f\\u007f]+\\.[^\\s@<>()\\[\\]\\\\,;:"\\u0000-\\u001f\\u007f]{2,}$',
  maxLength: 254,
});

/**
 * `POST /conversations/:id/invitations`: of a person of the directory (`userId`), of whoever has an address (`email`), or of whoever has the link
 * (`link`): exactly one of them. `role` is at most the inviter's own and never owner; `usesMax` is for links, without it there is no limit.
 */
export const Invite = t.Object(
  {
    userId: t.Optional(Id),
    email: t.Optional(EmailAddress),
    link: t.Optional(t.Literal(true)),
    role: t.Optional(InvitedRole),
    expiresIn: t.Optional(ExpiresIn),
    usesMax: t.Optional(t.Integer({ minimum: 1, maximum: limits.linkUsesMax })),
  },
  closed,
);
export type Invite = Static<typeof Invite>;
export type InvitePerson = Pick<Invite, 'role' | 'expiresIn'> & { userId: Id };

/** The secret of a link or an e-mail: 32 random bytes as base64url. */
export const InvitationToken = t.String({ pattern: '^[A-Za-z0-9_-]{43}$' });

/** `POST /invitations/:id/decline`: `block` keeps the inviter from inviting me ever again. */
export const DeclineInvitation = t.Object({ block: t.Optional(t.Boolean()) }, closed);

export const AcceptedInvitation = t.Object({ conversation: Conversation });
export type AcceptedInvitation = Static<typeof AcceptedInvitation>;

export const ChangeRole = t.Object(
  { role: t.Union([t.Literal('admin'), t.Literal('member'), t.Literal('viewer')]) },
  closed,
);
export const TransferOwnership = t.Object({ userId: Id }, closed);

/** Somebody who may not come back. `by` is who banned them. */
export const Ban = t.Object({ user: User, by: User, createdAt: Instant });
export type Ban = Static<typeof Ban>;

/** Somebody whose invitations do not reach me. */
export const Block = t.Object({ user: User, createdAt: Instant });
export type Block = Static<typeof Block>;

/** `GET /conversations/:id/audit`: who did what to whom. `act` is the type of a bus event, or a word for what tells nobody. */
export const AuditEntry = t.Object({
  id: Id,
  at: Instant,
  actor: Nullable(User),
  act: t.String(),
  subject: Nullable(User),
  details: t.Record(t.String(), t.Union([t.String(), t.Number(), t.Boolean(), t.Null()])),
});
export type AuditEntry = Static<typeof AuditEntry>;

/** `GET /me/export`: everything that conversations keeps of a person. */
export const PersonalData = t.Object({
  exportedAt: Instant,
  profile: Me,
  conversations: t.Array(Conversation),
  invitationsSent: t.Array(
    t.Object({
      conversationId: Id,
      kind: t.String(),
      state: t.String(),
      email: Nullable(t.String()),
      createdAt: Instant,
    }),
  ),
  invitationsReceived: t.Array(
    t.Object({ conversationId: Id, kind: t.String(), state: t.String(), createdAt: Instant }),
  ),
  joinRequests: t.Array(t.Object({ conversationId: Id, state: t.String(), createdAt: Instant })),
  blocks: t.Array(Block),
  bans: t.Array(t.Object({ conversationId: Id, createdAt: Instant })),
  acts: t.Array(t.Object({ conversationId: Id, act: t.String(), at: Instant })),
});
export type PersonalData = Static<typeof PersonalData>;

export const PageQuery = t.Object({
  cursor: t.Optional(t.String({ maxLength: 500 })),
  limit: t.Optional(t.Integer({ minimum: 1, maximum: limits.pageSizeMax })),
});

/** `GET /conversations`: the archived ones, or by default the others. */
export const ConversationsQuery = t.Object({ ...PageQuery.properties, archived: t.Optional(t.Boolean()) });

/** `GET /conversations/:id/invitations`: all states unless one is named. */
export const InvitationsQuery = t.Object({ ...PageQuery.properties, state: t.Optional(InvitationState) });

/** `GET /users`: `query` finds by a word's beginning or a whole e-mail address; `ids` is a comma list. Exactly one of them. */
export const UsersQuery = t.Object({
  ...PageQuery.properties,
  // It holds a folded word: 80 letters become 480 of three bytes each at most.
  cursor: t.Optional(t.String({ maxLength: 2000 })),
  query: t.Optional(t.String({ minLength: 1, maxLength: 320 })),
  ids: t.Optional(t.String({ pattern: '^[0-9a-f-]{36}(,[0-9a-f-]{36})*$', maxLength: limits.idsPerRequestMax * 37 })),
});

/** `PATCH /me`: stays when the issuer says otherwise at the next sign-in. */
export const UpdateMe = t.Object(
  {
    name: t.Optional(TextOf(limits.userNameLengthMax)),
    avatarUrl: t.Optional(Nullable(AvatarUrl)),
  },
  { ...closed, minProperties: 1 },
);
export type UpdateMe = Static<typeof UpdateMe>;

/**
 * `GET /internal/conversations/:id/access?userId=`; 404 when there is none. `memberCount`: typing, presence and receipts end above
 * `presenceMembersMax`. `receipts`: whether the conversation shows them; absent: no.
 */
export const Access = t.Object({
  role: Role,
  version: Position,
  memberCount: t.Optional(t.Integer({ minimum: 0 })),
  receipts: t.Optional(t.Boolean()),
});
export type Access = { role: HeldRole; version: number; memberCount?: number; receipts?: boolean };

/** Whether members of a conversation see how far the others have read. Without its size nobody does. */
export const showsReceipts = ({ receipts, memberCount }: Pick<Access, 'receipts' | 'memberCount'>): boolean =>
  receipts === true && memberCount !== undefined && memberCount <= limits.presenceMembersMax;

/** `GET /internal/users/:id/conversations` */
export const Memberships = t.Object({ items: t.Array(t.Object({ id: Id, ...Access.properties })) });
export type Memberships = { items: ({ id: Id } & Access)[] };

/** `POST /internal/memberships`: those of many people at once, in the order asked. */
export const MembershipsRequest = t.Object({ userIds: t.Array(Id, { maxItems: limits.idsPerRequestMax }) }, closed);
export const MembershipsOfMany = t.Object({ items: t.Array(t.Object({ userId: Id, ...Memberships.properties })) });
export type MembershipsOfMany = { items: ({ userId: Id } & Memberships)[] };

/** `PUT /internal/users/:id`: the profile that the issuer vouched for at sign-in; answers `Me`. */
export const Profile = t.Object(
  {
    name: TextOf(limits.userNameLengthMax),
    email: Nullable(t.String({ pattern: '^[^\\u0000-\\u001f\\u007f]*$', maxLength: 320 })),
    emailVerified: t.Boolean(),
    avatarUrl: Nullable(AvatarUrl),
  },
  closed,
);
export type Profile = Static<typeof Profile>;
