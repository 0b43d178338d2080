import type { Message } from '@chatapp/contract/shapes';
import type { ShownItem } from '../outbox/outbox-item.ts';
import type { Timeline } from './timeline.ts';

/**
 * Whether a timeline shows what a sent command did, so that the outbox need not. What lies before the range counts as shown: it comes
 * with its page. A new message after the range is not shown yet; a change there comes with the message that it changed.
 */
export const showsItem = (timeline: Timeline, { clientId, userId, op, settled }: ShownItem): boolean => {
  if (!settled) return true;
  const { messages, low, high } = timeline;
  if (settled.seq < low) return true;
  if (settled.seq > high) return op.kind !== 'send';
  const message = messages.get(settled.seq);
  if (op.kind === 'send') return message?.clientId === clientId;
  // Over HTTP it is answered without its rev, and what is deleted stays deleted.
  if (op.kind === 'delete') return message !== undefined && message.deletedAt !== null;
  // So is a reaction that was taken back. What this loses: one that another device sets again before this page has seen it gone is
  // hidden here until it is taken back once more.
  if (op.kind === 'react' && settled.rev === 0)
    return message !== undefined && isOn(message, op.emoji, userId) === op.on;
  return (message?.rev ?? 0) >= settled.rev;
};

const isOn = ({ reactions }: Message, emoji: string, userId: string): boolean =>
  reactions.find((reaction) => reaction.emoji === emoji)?.userIds.includes(userId) ?? false;
