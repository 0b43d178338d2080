import { type Static, type TSchema, t } from 'elysia';
import { Body, type Changed, Emoji, type Sent } from './http-messages.ts';
import { Id, Instant, Position, PositionOrZero } from './ids.ts';
import { limits } from './limits.ts';
import { FrameError } from './problem.ts';
import { Conversation, Invitation, JoinRequest, Member, Message, Nullable } from './shapes.ts';

/** Socket frames: JSON text. Client frames carry an `id` that the client counts; unknown fields are refused. */

const FrameId = t.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const frame = <Op extends string, Fields extends Record<string, TSchema>>(op: Op, fields: Fields) =>
  t.Object({ id: FrameId, op: t.Literal(op), ...fields }, { additionalProperties: false });

export const ResumeFrame = frame('resume', {
  conversations: t.Array(t.Tuple([Id, PositionOrZero]), { maxItems: limits.resumeConversationsMax }),
});
export const SendFrame = frame('message.send', {
  conversationId: Id,
  clientId: Id,
  body: Body,
  replyTo: t.Optional(Nullable(Position)),
});
export const EditFrame = frame('message.edit', { conversationId: Id, clientId: Id, seq: Position, body: Body });
export const DeleteFrame = frame('message.delete', { conversationId: Id, clientId: Id, seq: Position });
export const ReactionFrame = frame('reaction.set', {
  conversationId: Id,
  clientId: Id,
  seq: Position,
  emoji: Emoji,
  on: t.Boolean(),
});
export const ReadFrame = frame('read', { conversationId: Id, seq: PositionOrZero });
export const TypingFrame = frame('typing', { conversationId: Id, on: t.Boolean() });
export const PresenceFrame = frame('presence', { status: t.Union([t.Literal('online'), t.Literal('away')]) });
export const PingFrame = frame('ping', {});

/** Each op with its schema: one place, so that a new op cannot be forgotten. */
export const clientFrames = {
  resume: ResumeFrame,
  'message.send': SendFrame,
  'message.edit': EditFrame,
  'message.delete': DeleteFrame,
  'reaction.set': ReactionFrame,
  read: ReadFrame,
  typing: TypingFrame,
  presence: PresenceFrame,
  ping: PingFrame,
} as const;
export type ClientOp = keyof typeof clientFrames;
export type ClientFrame = { [Op in ClientOp]: Static<(typeof clientFrames)[Op]> }[ClientOp];
export type ClientFrameOf<Op extends ClientOp> = Static<(typeof clientFrames)[Op]>;

/** One conversation in the answer of `resume`. */
export const ResumedConversation = t.Union([
  t.Object({
    c: Id,
    changes: t.Array(Message),
    after: PositionOrZero,
    to: PositionOrZero,
    headRev: PositionOrZero,
    headSeq: PositionOrZero,
  }),
  t.Object({ c: Id, reset: t.Literal(true), headRev: PositionOrZero, headSeq: PositionOrZero }),
  t.Object({ c: Id, gone: t.Literal(true) }),
]);
export type ResumedConversation = Static<typeof ResumedConversation>;
export const Resumed = t.Object({ conversations: t.Array(ResumedConversation) });
export type Resumed = Static<typeof Resumed>;

/** The `ok` of each op; `typing` and `presence` have none. */
export type OkOf = {
  resume: Resumed;
  'message.send': Static<typeof Sent>;
  'message.edit': Static<typeof Changed>;
  'message.delete': Static<typeof Changed>;
  'reaction.set': Static<typeof Changed>;
  read: Record<string, never>;
  ping: Record<string, never>;
};

/** The fields of a conversation that a push may change; the shared ones go to all, `mine` to one person. */
export const ConversationSet = t.Partial(t.Omit(Conversation, ['id', 'kind', 'version', 'peer', 'createdAt']));
export type ConversationSet = Static<typeof ConversationSet>;

export const MemberChange = t.Union([
  t.Literal('added'),
  t.Literal('removed'),
  t.Literal('left'),
  t.Literal('banned'),
  t.Literal('role'),
]);
export type MemberChange = Static<typeof MemberChange>;

const push = <Event extends string, Fields extends Record<string, TSchema>>(event: Event, fields: Fields) =>
  t.Object({ e: t.Literal(event), ...fields });

export const HelloPush = push('hello', {
  v: t.Literal(1),
  connectionId: t.String(),
  pingIntervalMs: t.Integer(),
  sessionExpiresAt: Nullable(Instant),
});
/** Covers (rev-1, rev] of the conversation. */
export const MessagePush = push('message', { c: Id, rev: Position, message: Message });
/** Several changes at once, after a node filled a hole: covers (after, to]. */
export const ChangesPush = push('changes', {
  c: Id,
  after: PositionOrZero,
  to: PositionOrZero,
  changes: t.Array(Message),
});
export const ConversationPush = t.Union([
  push('conversation', { conversation: Conversation }),
  push('conversation', { c: Id, version: Position, set: ConversationSet }),
  push('conversation', { c: Id, gone: t.Literal(true) }),
]);
export const InvitationPush = push('invitation', { invitation: Invitation });
export const MembersPush = push('members', { c: Id, version: Position, member: Member, change: MemberChange });
export const ReadPush = push('read', {
  c: Id,
  userId: Id,
  seq: PositionOrZero,
  markedUnread: t.Optional(t.Boolean()),
});
export const JoinRequestPush = push('join-request', { c: Id, request: JoinRequest });
export const ListsPush = push('lists', {});
export const TypingPush = push('typing', { c: Id, userIds: t.Array(Id) });
export const PresencePush = push('presence', {
  userId: Id,
  status: t.Union([t.Literal('online'), t.Literal('away'), t.Literal('offline')]),
});
export const SessionPush = push('session', { expiresAt: Instant });
export const GoawayPush = push('goaway', { afterMs: t.Integer({ minimum: 0 }) });

export const Push = t.Union([
  HelloPush,
  MessagePush,
  ChangesPush,
  ...ConversationPush.anyOf,
  InvitationPush,
  MembersPush,
  ReadPush,
  JoinRequestPush,
  ListsPush,
  TypingPush,
  PresencePush,
  SessionPush,
  GoawayPush,
]);
export type Push = Static<typeof Push>;

export const OkFrame = t.Object({ re: FrameId, ok: t.Unknown() });
export const ErrorFrame = t.Object({ re: FrameId, error: FrameError });
export type Reply = { re: number; ok: unknown } | { re: number; error: FrameError };
/** What a socket receives: one of these, or an array of them (a batch). */
export type ServerFrame = Push | Reply;

/** Close codes. 4000 to 4499: come back. 4500 to 4999: do not. */
export const closeCodes = {
  goaway: 4001,
  signInRefreshNeeded: 4003,
  stateLost: 4010,
  noPong: 4012,
  rate: 4029,
  signedOut: 4501,
  forbidden: 4503,
  protocol: 4510,
} as const;
