import { bodyFault, mentionsOf } from '@chatapp/contract/body';
import type { CommandOf } from '@chatapp/contract/commands';
import { may } from '@chatapp/contract/roles';
import type { Verdict } from './decide.ts';
import type { Draft } from './draft.ts';

/** A new message. Its body has been normalized; replying is possible to every seq that exists, tombstones included. */
export const decideSend = (command: CommandOf<'send'>, draft: Draft): Verdict => {
  const { conversationId, actorId, clientId, body, replyTo } = command;
  if (!may(command.role, 'send')) return { code: 'forbidden' };
  if (bodyFault(body) !== undefined) return { code: 'invalid' };
  if (replyTo !== null && replyTo > draft.head(conversationId).seq) return { code: 'invalid' };
  const mentions = mentionsOf(body);
  const message = draft.create({
    conversationId,
    clientId,
    senderId: actorId,
    kind: 'text',
    body,
    replyTo,
    mentions,
    system: null,
  });
  const { id, seq, rev, createdAt } = message;
  // Who writes has read: the marker advances in the same transaction.
  draft.moveMarker({ conversationId, userId: actorId, seq, markedUnread: false, clientId: null });
  return { answer: { ok: { id, seq, rev, createdAt } }, change: { type: 'message', rev, message } };
};
