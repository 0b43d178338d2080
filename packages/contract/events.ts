import { type Static, type TSchema, t } from 'elysia';
import { Id, Instant, Position } from './ids.ts';
import { Role } from './role-schema.ts';
import { Conversation, Invitation, JoinRequest, Member, Nullable, User } from './shapes.ts';

/**
 * Bus events: entries of the one Redis stream `events`, each with one field `event` holding this as JSON. At least once; consumers
 * deduplicate by `id`. Unknown fields and types are ignored. `version` is the conversation's after the change, null where
 * the event is not about a conversation's membership or settings.
 */
const event = <Type extends string, Data extends TSchema>(type: Type, data: Data) =>
  t.Object({
    id: Id,
    type: t.Literal(type),
    v: t.Literal(1),
    at: Instant,
    /** The person who did it; null where nobody did (an expiry). */
    actor: Nullable(Id),
    conversationId: Nullable(Id),
    version: Nullable(Position),
    data,
    traceparent: Nullable(t.String()),
  });

/** The shared fields that changed; the person-bound ones of Conversation never stand here. */
const ChangedFields = t.Partial(
  t.Pick(Conversation, [
    'name',
    'topic',
    'avatarUrl',
    'membersMayInvite',
    'joinable',
    'receipts',
    'archivedAt',
    'deletedAt',
    'memberCount',
    'lastActivityAt',
  ]),
);

/**
 * `member` as others see it, and for an added one `conversation` as that person sees it: so that a realtime node can push without
 * asking anybody. `memberCount` after the change.
 */
const memberChange = {
  userId: Id,
  role: Role,
  previousRole: Nullable(Role),
  member: Member,
  memberCount: t.Integer({ minimum: 0 }),
};

/** As of every event about a member, where nobody's role is or was part of it; absent in events from before these fields were. */
const noRole = { role: t.Optional(t.Null()), previousRole: t.Optional(t.Null()) };

export const ConversationCreated = event(
  'conversation.created',
  t.Object({ conversation: Conversation, member: Member }),
);
export const ConversationUpdated = event('conversation.updated', ChangedFields);
export const ConversationDeleted = event('conversation.deleted', ChangedFields);
/** `memberIds`: the first two hundred of those for whom it comes back; the others find it when they fetch their lists. */
export const ConversationRestored = event(
  'conversation.restored',
  t.Object({ ...ChangedFields.properties, memberIds: t.Optional(t.Array(Id)) }),
);
export const ConversationErased = event('conversation.erased', t.Object({}));
export const MemberAdded = event('member.added', t.Object({ ...memberChange, conversation: Conversation }));
export const MemberRemoved = event('member.removed', t.Object(memberChange));
export const MemberLeft = event('member.left', t.Object(memberChange));
export const MemberBanned = event('member.banned', t.Object(memberChange));
export const MemberUnbanned = event('member.unbanned', t.Object({ userId: Id, ...noRole }));
export const MemberRoleChanged = event('member.role-changed', t.Object(memberChange));
/** Mine only: `muted`, `notify`, `pinned` of one member. */
export const MemberSettings = event(
  'member.settings',
  t.Object({ userId: Id, ...noRole, set: t.Partial(t.Pick(Conversation, ['muted', 'notify', 'pinned'])) }),
);
export const MemberRequested = event('member.requested', t.Object({ request: JoinRequest }));
/** Pushed to the inviter and the invitee. */
const invitationEvent = <Type extends string>(type: Type) => event(type, Invitation);
export const InvitationCreated = invitationEvent('invitation.created');
export const InvitationAccepted = invitationEvent('invitation.accepted');
export const InvitationDeclined = invitationEvent('invitation.declined');
export const InvitationRevoked = invitationEvent('invitation.revoked');
export const InvitationExpired = invitationEvent('invitation.expired');
export const UserUpdated = event('user.updated', t.Object({ user: User }));
export const UserDeleted = event('user.deleted', t.Object({ userId: Id }));
/** `sid`: one session; null: all of the person. */
export const SessionEnded = event(
  'session.ended',
  t.Object({ sid: Nullable(t.String()), userId: Id, reason: t.String() }),
);
/** Carries no version: at most one in 10 s a conversation. */
export const ConversationActive = event('conversation.active', t.Object({ lastActivityAt: Instant }));

export const BusEvent = t.Union([
  ConversationCreated,
  ConversationUpdated,
  ConversationDeleted,
  ConversationRestored,
  ConversationErased,
  MemberAdded,
  MemberRemoved,
  MemberLeft,
  MemberBanned,
  MemberUnbanned,
  MemberRoleChanged,
  MemberSettings,
  MemberRequested,
  InvitationCreated,
  InvitationAccepted,
  InvitationDeclined,
  InvitationRevoked,
  InvitationExpired,
  UserUpdated,
  UserDeleted,
  SessionEnded,
  ConversationActive,
]);
export type BusEvent = Static<typeof BusEvent>;
export type BusEventType = BusEvent['type'];
export type BusEventOf<Type extends BusEventType> = Extract<BusEvent, { type: Type }>;
