import type { Message } from '@chatapp/contract/shapes';
import type { AppContext } from '../context.ts';
import { text } from '../i18n/text.ts';

/** Sets this person's reaction to a message, or takes it back; says so where the browser has no room to keep that until it is sent. */
export const toggleReaction = (
  { client, notices }: Pick<AppContext, 'client' | 'notices'>,
  { conversationId, seq, reactions }: Message,
  emoji: string,
): void => {
  const isMine = reactions.find((reaction) => reaction.emoji === emoji)?.userIds.includes(client.me.id) ?? false;
  client.outbox
    .add(conversationId, { kind: 'react', seq, emoji, on: !isMine })
    .catch(() => notices.fail(text.message.notStored));
};
