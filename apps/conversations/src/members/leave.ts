import { recordChange } from '../conversations/conversation-store.ts';
import type { Transaction } from '../database.ts';
import { revokedEvents } from '../invitations/invitation.ts';
import { revokeAllPending } from '../invitations/invitation-store.ts';
import type { ConversationRow } from '../tables.ts';
import { type MemberView, memberGone } from './member.ts';
import { deleteMember } from './member-store.ts';

/**
 * Takes a member out of a locked conversation at their own wish. Who leaves last leaves nobody who could come back: then its open invitations end,
 * and it is erased like a deleted one.
 */
export const leave = async (
  tx: Transaction,
  { before, member, at }: { before: ConversationRow; member: MemberView; at: Date },
): Promise<void> => {
  const isLast = before.memberCount === 1;
  await deleteMember(tx, before.id, member.user.id);
  const ended = isLast ? await revokeAllPending(tx, before, at) : [];
  await recordChange(tx, {
    before,
    set: { memberCount: before.memberCount - 1, ...(isLast ? { deletedAt: before.deletedAt ?? at } : {}) },
    actor: member.user.id,
    at,
    events: [(after) => memberGone('member.left', after, member), ...revokedEvents(ended)],
  });
};
