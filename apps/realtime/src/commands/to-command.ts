import { bodyFault, normalizeBody } from '@chatapp/contract/body';
import type { Command, CommandOrigin } from '@chatapp/contract/commands';
import { type Access, showsReceipts } from '@chatapp/contract/http-conversations';
import { type Act, may } from '@chatapp/contract/roles';
import type { CommandFrame } from '../connection/read-frame.ts';

export interface CommandContext {
  readonly actorId: string;
  readonly access: Access;
  readonly origin: CommandOrigin;
  /** Wall clock, ms. */
  readonly at: number;
  /** For a command that has none of its own. */
  readonly newClientId: () => string;
}

/** The frame as the command that messages saves. */
export const toCommand = (frame: CommandFrame, context: CommandContext): Command => {
  const { actorId, access, origin, at } = context;
  const { conversationId } = frame;
  const common = { conversationId, actorId, at, role: access.role, version: access.version, origin };
  switch (frame.op) {
    case 'message.send': {
      const { clientId, replyTo = null } = frame;
      return { op: 'send', ...common, clientId, body: normalizeBody(frame.body), replyTo };
    }
    case 'message.edit':
      return { op: 'edit', ...common, clientId: frame.clientId, seq: frame.seq, body: normalizeBody(frame.body) };
    case 'message.delete':
      return { op: 'delete', ...common, clientId: frame.clientId, seq: frame.seq };
    case 'reaction.set': {
      const { clientId, seq, emoji, on } = frame;
      return { op: 'react', ...common, clientId, seq, emoji, on };
    }
    case 'read':
      return {
        ...{ op: 'read', ...common, clientId: context.newClientId(), seq: frame.seq, markedUnread: null },
        receipts: showsReceipts(access),
      };
    default:
      return frame satisfies never;
  }
};

const acts: Record<CommandFrame['op'], Act> = {
  'message.send': 'send',
  'message.edit': 'send',
  // Whoever may no longer write may still take back what they wrote; messages knows whose it is.
  'message.delete': 'read',
  'reaction.set': 'react',
  read: 'read',
};

/** Whether a role may do what the frame asks, as far as the role alone decides. */
export const roleAllows = (frame: CommandFrame, access: Access): boolean => may(access.role, acts[frame.op]);

/** Whether the body of a send or edit is one. */
export const hasGoodBody = (frame: CommandFrame): boolean =>
  (frame.op !== 'message.send' && frame.op !== 'message.edit') || bodyFault(normalizeBody(frame.body)) === undefined;

/** Whether a frame asks for just what another one with the same `clientId` did. */
export const asksTheSame = (one: CommandFrame, other: CommandFrame): boolean => {
  switch (one.op) {
    case 'message.send':
      return other.op === one.op && other.body === one.body && (other.replyTo ?? null) === (one.replyTo ?? null);
    case 'message.edit':
      return other.op === one.op && other.seq === one.seq && other.body === one.body;
    case 'message.delete':
    case 'read':
      return other.op === one.op && other.seq === one.seq;
    case 'reaction.set':
      return other.op === one.op && other.seq === one.seq && other.emoji === one.emoji && other.on === one.on;
    default:
      return one satisfies never;
  }
};
