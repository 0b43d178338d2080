import { type Static, t } from 'elysia';
import { Id, Position } from './ids.ts';
import { limits } from './limits.ts';
import { Role } from './roles.ts';
import { AvatarUrl, Conversation, InvitationState, NotifyLevel, Nullable } from './shapes.ts';

/** Bodies and answers of the conversations service. Unknown fields are refused. */

const closed = { additionalProperties: false } as const;

export const ConversationName = t.String({ minLength: 1, maxLength: limits.conversationNameLengthMax });

export const CreateConversation = t.Object(
  {
    name: ConversationName,
    topic: t.Optional(Nullable(t.String({ maxLength: limits.topicLengthMax }))),
    avatarUrl: t.Optional(Nullable(AvatarUrl)),
  },
  closed,
);
export type CreateConversation = Static<typeof CreateConversation>;

export const UpdateConversation = t.Object(
  {
    name: t.Optional(ConversationName),
    topic: t.Optional(Nullable(t.String({ maxLength: limits.topicLengthMax }))),
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

/** An invitation of a person of the directory. `role` is at most the inviter's own and never owner. */
export const InvitePerson = t.Object(
  {
    userId: Id,
    role: t.Optional(t.Union([t.Literal('admin'), t.Literal('member'), t.Literal('viewer')])),
    expiresIn: t.Optional(ExpiresIn),
  },
  closed,
);
export type InvitePerson = Static<typeof InvitePerson>;

export const AcceptedInvitation = t.Object({ conversation: Conversation });
export type AcceptedInvitation = Static<typeof AcceptedInvitation>;

export const ChangeRole = t.Object(
  { role: t.Union([t.Literal('admin'), t.Literal('member'), t.Literal('viewer')]) },
  closed,
);
export const TransferOwnership = t.Object({ userId: Id }, closed);

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
  query: t.Optional(t.String({ minLength: 1, maxLength: 320 })),
  ids: t.Optional(t.String({ pattern: '^[0-9a-f-]{36}(,[0-9a-f-]{36})*$', maxLength: limits.idsPerRequestMax * 37 })),
});

/** `PATCH /me`: stays when the issuer says otherwise at the next sign-in. */
export const UpdateMe = t.Object(
  {
    name: t.Optional(t.String({ minLength: 1, maxLength: limits.userNameLengthMax })),
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
export type Access = { role: Role; version: number; memberCount?: number; receipts?: boolean };

/** Whether members of a conversation see how far the others have read. Without its size nobody does. */
export const showsReceipts = ({ receipts, memberCount }: Pick<Access, 'receipts' | 'memberCount'>): boolean =>
  receipts === true && memberCount !== undefined && memberCount <= limits.presenceMembersMax;

/** `GET /internal/users/:id/conversations` */
export const Memberships = t.Object({ items: t.Array(t.Object({ id: Id, ...Access.properties })) });
export type Memberships = { items: ({ id: Id } & Access)[] };

/** `PUT /internal/users/:id`: the profile that the issuer vouched for at sign-in; answers `Me`. */
export const Profile = t.Object(
  {
    name: t.String({ minLength: 1, maxLength: limits.userNameLengthMax }),
    email: Nullable(t.String({ maxLength: 320 })),
    emailVerified: t.Boolean(),
    avatarUrl: Nullable(AvatarUrl),
  },
  closed,
);
export type Profile = Static<typeof Profile>;
