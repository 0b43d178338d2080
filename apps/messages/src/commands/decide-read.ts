import type { CommandOf } from '@chatapp/contract/commands';
import type { Verdict } from './decide.ts';
import type { Draft } from './draft.ts';
import { keyOf, type Outcome, taskKey } from './task.ts';

/** Moves the actor's marker, which only grows and clears the flag beside it when it does, and sets or clears that flag. */
export const decideRead = (command: CommandOf<'read'>, draft: Draft): Verdict => {
  const { conversationId, actorId: userId, clientId } = command;
  const { before, grows, seq, markedUnread } = effectOf(command, draft);
  // A marker never goes back, so that its repeats are harmless; a flag does.
  if (command.markedUnread !== null) draft.settle(command, { rev: null, code: null });
  if (!grows && markedUnread === before.markedUnread) return { answer: { ok: {} }, change: null };
  const marker = draft.moveMarker({ conversationId, userId, seq, markedUnread, clientId });
  return { answer: { ok: {} }, change: { type: 'read', userId, marker, isShown: grows && command.receipts === true } };
};

/**
 * The command that moved the marker last, or one that ever flagged it, saved again: its push may have been lost, so the marker is shown as it is. Of other
 * commands that move nothing none is shown, for people may read the same as often as they like.
 */
export const repeatedRead = (command: CommandOf<'read'>, draft: Draft): Outcome | undefined => {
  const { before, grows, markedUnread } = effectOf(command, draft);
  const wasLast = before.clientId === command.clientId && !grows && markedUnread === before.markedUnread;
  if (!wasLast && !draft.applied.has(taskKey(command))) return undefined;
  const marker = { seq: before.seq, markedUnread: before.markedUnread };
  const change = { type: 'read', userId: command.actorId, marker, isShown: command.receipts === true } as const;
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
