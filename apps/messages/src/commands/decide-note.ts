import type { Verdict } from './decide.ts';
import type { Draft } from './draft.ts';
import { type BusNote, keyOf, taskKey } from './task.ts';

/** What a bus event leaves in the conversation. */
export const decideNote = (note: BusNote, draft: Draft): Verdict => {
  const { conversationId, joined, left, loss, system } = note;
  if (joined !== null) {
    const seq = draft.known.seqsBefore.get(taskKey(note)) ?? 0;
    draft.moveMarker({ conversationId, userId: joined, seq, markedUnread: false, clientId: null });
    draft.noteMembership(conversationId, joined, true);
  }
  if (left !== null) draft.noteMembership(conversationId, left, false);
  if (note.erases) draft.erasures.add(conversationId);
  if (loss) {
    const key = keyOf(conversationId, loss.userId);
    const version = Math.max(loss.version, draft.losses.get(key) ?? 0);
    draft.losses.set(key, version);
    draft.lossWrites.set(key, { conversationId, userId: loss.userId, version });
  }
  if (!system) {
    draft.settle(note, { rev: null, code: null });
    return { answer: { ok: {} }, change: null };
  }
  const { actorId: senderId, clientId } = note;
  const message = draft.create({
    ...{ conversationId, clientId, senderId, kind: 'system', body: '', replyTo: null, mentions: [], system },
  });
  draft.settle(note, { rev: message.rev, code: null });
  const { seq, rev } = message;
  return { answer: { ok: { seq, rev } }, change: { type: 'message', rev, message } };
};
