import type { Message, Reaction } from '@chatapp/contract/shapes';
import type { OutboxItem } from '../outbox/outbox-item.ts';

/** A message as it will be when this person's waiting changes of it are saved. `me` is who sets the reactions. */
export const withPending = (message: Message, items: readonly OutboxItem[], me: string): Message =>
  items.reduce((shown, item) => (item.failed ? shown : withOne(shown, item, me)), message);

const withOne = (message: Message, { op, at }: OutboxItem, me: string): Message => {
  switch (op.kind) {
    case 'send':
      return message;
    case 'edit':
      return { ...message, body: op.body, editedAt: message.editedAt ?? new Date(at).toISOString() };
    case 'delete':
      return { ...message, body: '', reactions: [], mentions: [], deletedAt: new Date(at).toISOString() };
    case 'react':
      return { ...message, reactions: withReaction(message.reactions, op, me) };
    default:
      return op satisfies never;
  }
};

const withReaction = (reactions: Reaction[], { emoji, on }: { emoji: string; on: boolean }, me: string): Reaction[] => {
  const known = reactions.find((reaction) => reaction.emoji === emoji);
  if ((known?.userIds.includes(me) ?? false) === on) return reactions;
  if (!known) return [...reactions, { emoji, count: 1, userIds: [me] }];
  const userIds = on ? [...known.userIds, me] : known.userIds.filter((id) => id !== me);
  const changed = { emoji, count: known.count + (on ? 1 : -1), userIds };
  return reactions.map((reaction) => (reaction === known ? changed : reaction)).filter(({ count }) => count > 0);
};
