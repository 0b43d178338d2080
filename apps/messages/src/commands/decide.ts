import type { CommandAnswer } from '@chatapp/contract/commands';
import type { ProblemCode } from '@chatapp/contract/problem';
import type { Message } from '@chatapp/contract/shapes';
import { type ChangeCommand, decideDelete, decideEdit, decideReaction, isAsAsked } from './decide-change.ts';
import { decideNote } from './decide-note.ts';
import { decideRead, repeatedRead } from './decide-read.ts';
import { decideSend } from './decide-send.ts';
import type { Applied, Draft } from './draft.ts';
import { shown } from './shown.ts';
import { type Outcome, type Task, taskKey } from './task.ts';

/** A command older than this is given up by client and writer: what would tell a repeat of it is no longer kept. */
export const commandAgeMaxMs = 7 * 24 * 3_600_000;

/** What a decision says about a task that is neither a repeat nor from before a loss of rights. */
export type Verdict = Omit<Extract<Outcome, { kind: 'saved' }>, 'task' | 'kind'> | { readonly code: ProblemCode };

/** Decides the tasks of a batch in their order; what is to be written is left in the draft. Pure but for the draft. */
export const decideBatch = (tasks: readonly Task[], draft: Draft): Outcome[] =>
  tasks.map((task) => decideTask(task, draft));

const decideTask = (task: Task, draft: Draft): Outcome => {
  const repeat = repeatOf(task, draft);
  if (repeat) return repeat;
  if (task.op !== 'note' && draft.now.getTime() - task.at > commandAgeMaxMs) return refused(task, 'conflict');
  if (task.op !== 'note' && task.version < draft.lossOf(task.conversationId, task.actorId)) {
    // Not final: who asked looks at the access again and learns whether the right is back.
    return { kind: 'refused', task, answer: { error: { code: 'forbidden', temporary: true } }, change: null };
  }
  const verdict = decide(task, draft);
  if ('code' in verdict) {
    draft.settle(task, { rev: null, code: verdict.code });
    return refused(task, verdict.code);
  }
  return { kind: 'saved', task, ...verdict };
};

const decide = (task: Task, draft: Draft): Verdict => {
  switch (task.op) {
    case 'send':
      return decideSend(task, draft);
    case 'edit':
      return decideEdit(task, draft);
    case 'delete':
      return decideDelete(task, draft);
    case 'react':
      return decideReaction(task, draft);
    case 'read':
      return decideRead(task, draft);
    case 'note':
      return decideNote(task, draft);
    default:
      throw new TypeError(`no such command: ${(task satisfies never as Task).op}`);
  }
};

/** The answer of a task that was dealt with before, with the present state of its message to be shown again. */
const repeatOf = (task: Task, draft: Draft): Outcome | undefined => {
  const key = taskKey(task);
  const applied = draft.applied.get(key);
  if (applied?.code) return refused(task, applied.code);
  if (task.op === 'read') return applied?.rev ? refused(task, 'client-id-reused') : repeatedRead(task, draft);
  if (task.op === 'send') {
    // Of a send that was saved the message tells: what was applied was another command.
    return repeatedSend(task, draft.sent.get(key), draft) ?? (applied && refused(task, 'client-id-reused'));
  }
  return applied ? repeatedChange(task, applied, draft) : undefined;
};

const repeatedSend = (task: Task & { op: 'send' }, found: Message | undefined, draft: Draft): Outcome | undefined => {
  if (!found) return undefined;
  const message = draft.message(found.conversationId, found.seq) ?? found;
  const untouched = message.editedAt === null && message.deletedAt === null;
  if (untouched && (message.body !== task.body || message.replyTo !== task.replyTo)) {
    return refused(task, 'client-id-reused');
  }
  const { id, seq, rev, createdAt } = message;
  const answer: CommandAnswer = { ok: { id, seq, rev, createdAt } };
  return { kind: 'repeated', task, answer, change: shown(message) };
};

const repeatedChange = (task: Exclude<Task, { op: 'send' | 'read' }>, applied: Applied, draft: Draft): Outcome => {
  const found = task.op === 'note' ? draft.sent.get(taskKey(task)) : draft.message(task.conversationId, task.seq);
  const message = found && (draft.message(found.conversationId, found.seq) ?? found);
  if (!message) return { kind: 'repeated', task, answer: { ok: {} }, change: null };
  if (task.op !== 'note' && asksSomethingElse(task, applied, message, draft)) return refused(task, 'client-id-reused');
  const answer: CommandAnswer = { ok: { seq: message.seq, rev: message.rev } };
  // What changed nothing then shows nothing now.
  const change = applied.rev === null ? null : shown(message);
  return { kind: 'repeated', task, answer, change };
};

/**
 * Whether a command cannot be the one that was applied under its id: that one changed another message, or this one to something else. Where the message was
 * changed again since, or nothing was changed at all, nobody can tell.
 */
const asksSomethingElse = (command: ChangeCommand, { rev }: Applied, message: Message, draft: Draft): boolean => {
  if (rev === null || message.rev > rev) return false;
  return message.rev < rev || !isAsAsked(command, message, draft);
};

const refused = (task: Task, code: ProblemCode): Outcome => ({
  kind: 'refused',
  task,
  answer: { error: { code, temporary: false } },
  change: null,
});
