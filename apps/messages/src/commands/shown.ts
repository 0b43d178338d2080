import { limits } from '@chatapp/contract/limits';
import type { Message } from '@chatapp/contract/shapes';
import type { Change } from './task.ts';

const most = limits.reactionUserIdsMax;

/** A message's state as others get to see it: a decision knows some more of the people who reacted than are shown. */
export const shown = (message: Message): Change => {
  const { rev, reactions } = message;
  if (!reactions.some(({ userIds }) => userIds.length > most)) return { type: 'message', rev, message };
  const cut = reactions.map((reaction) => ({ ...reaction, userIds: reaction.userIds.slice(0, most) }));
  return { type: 'message', rev, message: { ...message, reactions: cut } };
};
