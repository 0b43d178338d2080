import { bodyFault, mentionsOf } from '@chatapp/contract/body';
import type { CommandOf } from '@chatapp/contract/commands';
import { limits } from '@chatapp/contract/limits';
import type { ProblemCode } from '@chatapp/contract/problem';
import { may } from '@chatapp/contract/roles';
import type { Message, Reaction } from '@chatapp/contract/shapes';
import type { Verdict } from './decide.ts';
import type { Draft } from './draft.ts';
import { isEmoji } from './emoji.ts';
import { shown } from './shown.ts';
import { keyOf } from './task.ts';

/** A person's own text gets another body. */
export const decideEdit = (command: CommandOf<'edit'>, draft: Draft): Verdict => {
  const message = draft.message(command.conversationId, command.seq);
  const code = editRefusal(command, message);
  if (code || !message) return { code: code ?? 'not-found' };
  if (message.body === command.body) return unchanged(command, message, draft);
  const body = { body: command.body, mentions: mentionsOf(command.body), editedAt: draft.now.toISOString() };
  return changed(command, draft.change(message, body), draft);
};

/** A person's own message, or any text for admins, becomes a tombstone. */
export const decideDelete = (command: CommandOf<'delete'>, draft: Draft): Verdict => {
  const message = draft.message(command.conversationId, command.seq);
  if (!message) return { code: 'not-found' };
  if (message.kind === 'system') return { code: 'forbidden' };
  if (message.senderId !== command.actorId && !may(command.role, 'delete-others-message')) return { code: 'forbidden' };
  // Deleted by somebody else a moment ago: what was asked for is so.
  if (message.deletedAt !== null) return unchanged(command, message, draft);
  const tombstone = { body: '', reactions: [], mentions: [], deletedAt: draft.now.toISOString() };
  return changed(command, draft.change(message, tombstone), draft);
};

/** A reaction is set or taken back. */
export const decideReaction = (command: CommandOf<'react'>, draft: Draft): Verdict => {
  const { conversationId, seq, emoji, actorId: userId, on } = command;
  const message = draft.message(conversationId, seq);
  const code = reactionRefusal(command, message);
  if (code || !message) return { code: code ?? 'not-found' };
  const key = keyOf(conversationId, seq, emoji, userId);
  if (draft.reactions.has(key) === on) return unchanged(command, message, draft);
  if (on && isFull(message, emoji)) return { code: 'conflict' };
  const reactions = on
    ? withReaction(message.reactions, emoji, userId)
    : withoutReaction(message.reactions, emoji, userId);
  const after = draft.change(message, { reactions });
  if (on) draft.reactions.add(key);
  else draft.reactions.delete(key);
  const emojiKey = keyOf(conversationId, seq, emoji);
  if (on && !message.reactions.some((shown) => shown.emoji === emoji)) draft.emojiCame.set(emojiKey, after.rev);
  const firstRev = draft.emojiCame.get(emojiKey) ?? null;
  draft.reactionWrites.set(key, { conversationId, seq, emoji, userId, rev: after.rev, firstRev, on });
  return changed(command, after, draft);
};

/** Whether a message is as a command leaves it. */
export const isAsAsked = (command: ChangeCommand, message: Message, draft: Draft): boolean => {
  const isDeleted = message.deletedAt !== null;
  switch (command.op) {
    case 'edit':
      return !isDeleted && message.body === command.body;
    case 'delete':
      return isDeleted;
    case 'react': {
      const { conversationId, seq, emoji, actorId, on } = command;
      return !isDeleted && draft.reactions.has(keyOf(conversationId, seq, emoji, actorId)) === on;
    }
    default:
      return command satisfies never;
  }
};

const editRefusal = (command: CommandOf<'edit'>, message: Message | undefined): ProblemCode | undefined => {
  if (!message) return 'not-found';
  if (!may(command.role, 'send') || message.kind === 'system' || message.senderId !== command.actorId)
    return 'forbidden';
  if (message.deletedAt !== null) return 'message-deleted';
  return bodyFault(command.body) === undefined ? undefined : 'invalid';
};

const reactionRefusal = (command: CommandOf<'react'>, message: Message | undefined): ProblemCode | undefined => {
  if (!message) return 'not-found';
  if (!may(command.role, 'react') || message.kind === 'system') return 'forbidden';
  if (message.deletedAt !== null) return 'message-deleted';
  return isEmoji(command.emoji) ? undefined : 'invalid';
};

const isFull = (message: Message, emoji: string): boolean =>
  message.reactions.length >= limits.emojiPerMessageMax && !message.reactions.some((shown) => shown.emoji === emoji);

const withReaction = (reactions: readonly Reaction[], emoji: string, userId: string): Reaction[] => {
  if (!reactions.some((shown) => shown.emoji === emoji)) return [...reactions, { emoji, count: 1, userIds: [userId] }];
  return reactions.map((shown) => {
    if (shown.emoji !== emoji) return shown;
    // Behind others of whom not all are known: not among the first.
    const userIds = shown.userIds.length < shown.count ? shown.userIds : [...shown.userIds, userId];
    return { emoji, count: shown.count + 1, userIds };
  });
};

const withoutReaction = (reactions: readonly Reaction[], emoji: string, userId: string): Reaction[] =>
  reactions
    .map((shown) => {
      if (shown.emoji !== emoji) return shown;
      return { emoji, count: shown.count - 1, userIds: shown.userIds.filter((id) => id !== userId) };
    })
    .filter((shown) => shown.count > 0);

export type ChangeCommand = CommandOf<'edit'> | CommandOf<'delete'> | CommandOf<'react'>;

const changed = (command: ChangeCommand, message: Message, draft: Draft): Verdict => {
  const { seq, rev } = message;
  draft.settle(command, { rev, code: null });
  return { answer: { ok: { seq, rev } }, change: shown(message) };
};

/** Kept all the same: a replay of it after a newer command must not take effect. */
const unchanged = (command: ChangeCommand, { seq, rev }: Message, draft: Draft): Verdict => {
  draft.settle(command, { rev: null, code: null });
  return { answer: { ok: { seq, rev } }, change: null };
};
