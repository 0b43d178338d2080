import type { CommandOf } from '@chatapp/contract/commands';
import type { Verdict } from './decide.ts';
import type { Draft } from './draft.ts';
import { keyOf } from './task.ts';

/** Moves the actor's marker, which only grows and clears the flag beside it when it does, and sets or clears that flag. */
export const decideRead = (command: CommandOf<'read'>, draft: Draft): Verdict => {
  const { conversationId, actorId: userId } = command;
  const before = draft.markers.get(keyOf(conversationId, userId)) ?? { seq: 0, markedUnread: false };
  const seq = Math.min(command.seq ?? 0, draft.head(conversationId).seq);
  const grows = seq > before.seq;
  const markedUnread = command.markedUnread ?? (grows ? false : before.markedUnread);
  if (!grows && markedUnread === before.markedUnread) return { answer: { ok: {} }, change: null };
  const marker = draft.moveMarker({ conversationId, userId, seq: grows ? seq : before.seq, markedUnread });
  return { answer: { ok: {} }, change: { type: 'read', userId, marker, isShown: grows && command.receipts === true } };
};
