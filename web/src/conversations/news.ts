import type { Conversation, UnreadRow } from '@chatapp/contract/shapes';

/** How much of what is unread asks for this person's attention, by what they set for the conversation. */
export const newsOf = ({ muted, notify }: Conversation, { unread, mentions }: UnreadRow): number => {
  if (muted) return 0;
  switch (notify) {
    case 'all':
      return unread;
    case 'mentions':
      return mentions;
    case 'none':
      return 0;
    default:
      return notify satisfies never;
  }
};
