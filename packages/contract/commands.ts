import { type Static, t } from 'elysia';
import { Body, type Changed, Emoji, type Sent } from './http-messages.ts';
import { Id, Position, PositionOrZero } from './ids.ts';
import type { FrameError } from './problem.ts';
import { Role } from './role-schema.ts';
import { Nullable } from './shapes.ts';

/**
 * A command as it waits in `commands:{shard}` until messages has saved it. One stream entry carries the commands of one
 * node, tick and shard: field `v` "1", field `commands` a JSON array of these. Unknown fields are ignored.
 */
const common = {
  conversationId: Id,
  actorId: Id,
  clientId: Id,
  /** When the command was taken in, ms since the epoch; older than seven days is given up. */
  at: t.Integer({ minimum: 0 }),
  /** The right under which it was taken in; messages refuses a `version` from before a loss of rights. */
  role: Role,
  version: Position,
  /** Who asked, and waits for the answer; null for a command that came over HTTP. */
  origin: Nullable(t.Object({ node: t.String(), connection: t.String(), frame: t.Integer() })),
};

export const SendCommand = t.Object({ op: t.Literal('send'), ...common, body: Body, replyTo: Nullable(Position) });
export const EditCommand = t.Object({ op: t.Literal('edit'), ...common, seq: Position, body: Body });
export const DeleteCommand = t.Object({ op: t.Literal('delete'), ...common, seq: Position });
export const ReactCommand = t.Object({
  op: t.Literal('react'),
  ...common,
  seq: Position,
  emoji: Emoji,
  on: t.Boolean(),
});
/** Moves the actor's read marker to `seq` (it only grows), or sets the flag beside it. Needs no repeat check: it is idempotent. */
export const ReadCommand = t.Object({
  op: t.Literal('read'),
  ...common,
  seq: Nullable(PositionOrZero),
  markedUnread: Nullable(t.Boolean()),
  /** Whether the conversation shows its members how far the others have read; absent: no. */
  receipts: t.Optional(t.Boolean()),
});

export const Command = t.Union([SendCommand, EditCommand, DeleteCommand, ReactCommand, ReadCommand]);
export type Command = Static<typeof Command>;
export type CommandOf<Op extends Command['op']> = Extract<Command, { op: Op }>;
export type CommandOrigin = NonNullable<Command['origin']>;

/** What became of a command. `ok` of read is `{}`. */
export type CommandAnswer =
  | { ok: Static<typeof Sent> | Static<typeof Changed> | Record<string, never> }
  | { error: FrameError };
