import type { CommandOf } from '@chatapp/contract/commands';
import type { Verdict } from './decide.ts';
import type { Draft } from './draft.ts';
import { keyOf, type Outcome } from './task.ts';

/** Moves the actor's marker, which only grows and clears the flag beside it when it does, and sets or clears that flag. */
export const decideRead = (command: CommandOf<'read'>, draft: Draft): Verdict => {
  const { conversationId, actorId: userId, clientId } = command;
  const { before, grows, seq, markedUnread } = effectOf(command, draft);
  if (!grows && markedUnread === before.markedUnread) return { answer: { ok: {} }, change: null };
  const marker = draft.moveMarker({ conversationId, userId, seq, markedUnread, clientId });
  return { answer: { ok: {} }, change: { type: 'read', userId, marker, isShown: grows && command.receipts === true } };
};

/**
 * The command that moved or flagged the marker last, saved again: its push may have been lost, so the marker is shown as it is. Of other commands that move
 * nothing none is shown, for people may read the same as often as they like.
 */
export const repeatedRead = (command: CommandOf<'read'>, draft: Draft): Outcome | undefined => {
  const { before, grows, seq, markedUnread } = effectOf(command, draft);
  if (before.clientId !== command.clientId || grows || markedUnread !== before.markedUnread) return undefined;
  const isShown = command.receipts === true;
  const change = { type: 'read', userId: command.actorId, marker: { seq, markedUnread }, isShown } as const;
  return { kind: 'repeated', task: command, answer: { ok: {} }, change };
};

/** Where the command brings the marker. */
const effectOf = (command: CommandOf<'read'>, draft: Draft) => {
  const { conversationId, actorId } = command;
  const before = draft.markers.get(keyOf(conversationId, actorId)) ?? { seq: 0, markedUnread: false, clientId: null };
  const wanted = Math.min(command.seq ?? 0, draft.head(conversationId).seq);
  const grows = wanted > before.seq;
  const markedUnread = command.markedUnread ?? (grows ? false : before.markedUnread);
  return { before, grows, seq: Math.max(wanted, before.seq), markedUnread };
};
