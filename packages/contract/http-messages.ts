import { type Static, t } from 'elysia';
import { Id, Instant, Position, PositionOrZero } from './ids.ts';
import { limits } from './limits.ts';
import { Message, Nullable, TextOf, UnreadRow } from './shapes.ts';

/** Bodies and answers of the messages service. Unknown fields are refused. */

const closed = { additionalProperties: false } as const;

/** `bodyFault` says whether it is one. */
export const Body = TextOf(limits.bodyLengthMax);
export const Emoji = t.String({ minLength: 1, maxLength: limits.emojiLengthMax });

export const SendMessage = t.Object({ clientId: Id, body: Body, replyTo: t.Optional(Nullable(Position)) }, closed);
export type SendMessage = Static<typeof SendMessage>;

export const EditMessage = t.Object({ body: Body }, closed);

/** Answer of a send, by either road. */
export const Sent = t.Object({ id: Id, seq: Position, rev: Position, createdAt: Instant });
export type Sent = Static<typeof Sent>;

/** Answer of an edit, delete or reaction, by either road. */
export const Changed = t.Object({ seq: Position, rev: Position });
export type Changed = Static<typeof Changed>;

/** `seq` order. `headRev` was read before the items. */
export const MessagePage = t.Object({
  items: t.Array(Message),
  next: Nullable(t.String()),
  headSeq: PositionOrZero,
  headRev: PositionOrZero,
});
export type MessagePage = Static<typeof MessagePage>;

/** The present state of each message whose `rev` is in (after, to], in `rev` order; superseded revs are absent. Below `headRev`, `to` is where the next page begins. */
export const ChangesPage = t.Object({
  changes: t.Array(Message),
  after: PositionOrZero,
  to: PositionOrZero,
  headRev: PositionOrZero,
});
export type ChangesPage = Static<typeof ChangesPage>;

/** `GET /me/messages`: a text of mine that is not deleted. */
export const OwnMessage = t.Object({
  conversationId: Id,
  seq: Position,
  id: Id,
  body: t.String(),
  replyTo: Nullable(Position),
  createdAt: Instant,
  editedAt: Nullable(Instant),
});
export type OwnMessage = Static<typeof OwnMessage>;
export const OwnMessages = t.Object({ items: t.Array(OwnMessage), next: Nullable(t.String()) });
export type OwnMessages = Static<typeof OwnMessages>;

/** `GET /me/reactions`: one of mine. */
export const OwnReaction = t.Object({ conversationId: Id, seq: Position, emoji: t.String() });
export type OwnReaction = Static<typeof OwnReaction>;
export const OwnReactions = t.Object({ items: t.Array(OwnReaction), next: Nullable(t.String()) });
export type OwnReactions = Static<typeof OwnReactions>;

/** `GET /me/read-markers`: how far I have read in a conversation. */
export const OwnMarker = t.Object({ conversationId: Id, seq: PositionOrZero, markedUnread: t.Boolean() });
export type OwnMarker = Static<typeof OwnMarker>;
export const OwnMarkers = t.Object({ items: t.Array(OwnMarker), next: Nullable(t.String()) });
export type OwnMarkers = Static<typeof OwnMarkers>;

export const Read = t.Union([
  t.Object({ seq: PositionOrZero }, closed),
  t.Object({ markedUnread: t.Boolean() }, closed),
]);
export type Read = Static<typeof Read>;

/** `GET /conversations/:id/receipts`: how far each member has read; empty where the conversation shows no receipts. */
export const Receipt = t.Object({ userId: Id, seq: PositionOrZero });
export type Receipt = Static<typeof Receipt>;
export const Receipts = t.Object({ items: t.Array(Receipt), next: Nullable(t.String()) });
export type Receipts = Static<typeof Receipts>;

export const UnreadList = t.Object({ items: t.Array(UnreadRow), next: Nullable(t.String()) });
export type UnreadList = Static<typeof UnreadList>;

/** `POST /internal/heads` */
export const HeadsRequest = t.Object({ ids: t.Array(Id, { maxItems: limits.resumeConversationsMax }) }, closed);
export const Head = t.Object({ id: Id, headSeq: PositionOrZero, headRev: PositionOrZero });
export type Head = Static<typeof Head>;
/** `shards`: SHARDS of the service, by which both find the stream of a conversation. */
export const Heads = t.Object({ items: t.Array(Head), shards: t.Optional(t.Integer({ minimum: 1 })) });
export type Heads = Static<typeof Heads>;

/** `POST /internal/changes`: [id, after] each; answers pages of at most `changesPageMax` each, which also end where they hold `changesPageBytesMax`. */
export const ChangesRequest = t.Object(
  { conversations: t.Array(t.Tuple([Id, PositionOrZero]), { maxItems: limits.resumeConversationsMax }) },
  closed,
);
export const ChangesOf = t.Object({
  id: Id,
  changes: t.Array(Message),
  after: PositionOrZero,
  to: PositionOrZero,
  headRev: PositionOrZero,
});
export type ChangesOf = Static<typeof ChangesOf>;
export const ChangesAnswer = t.Object({ items: t.Array(ChangesOf) });
export type ChangesAnswer = Static<typeof ChangesAnswer>;
