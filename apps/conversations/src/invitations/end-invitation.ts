import type { Id } from '@chatapp/contract/ids';
import { ProblemError } from '@chatapp/service/problem';
import { lockConversation, recordChange } from '../conversations/conversation-store.ts';
import type { Transaction } from '../database.ts';
import { endingOf, type InvitationView, invitationEvent, stateAt } from './invitation.ts';
import { settleInvitation } from './invitation-store.ts';
import { readInvitation } from './invitation-view-store.ts';

interface Ending {
  readonly state: 'declined' | 'revoked';
  readonly actor: Id;
  readonly at: Date;
}

/** Ends a pending invitation, with its event; one that ended so already is left alone. Throws the code of any other state that it finds. */
export const endInvitation = async (
  tx: Transaction,
  view: InvitationView,
  { state, actor, at }: Ending,
): Promise<void> => {
  const before = await lockConversation(tx, view.conversation.id);
  if (await settleInvitation(tx, view.invitation.id, { state, now: at })) {
    const events = [() => invitationEvent(`invitation.${state}`, view)];
    await recordChange(tx, { before, actor, at, events });
    return;
  }
  // Read again under the lock: somebody else may have settled it a moment ago.
  const settled = await readInvitation(tx, view.invitation.id);
  const ending = settled ? endingOf(stateAt(settled.invitation, at), state) : 'not-found';
  if (ending !== 'done') throw new ProblemError(ending === 'settle' ? 'conflict' : ending);
};
