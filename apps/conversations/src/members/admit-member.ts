import type { Id } from '@chatapp/contract/ids';
import { limits } from '@chatapp/contract/limits';
import type { Role } from '@chatapp/contract/roles';
import { ProblemError } from '@chatapp/service/problem';
import { isBanned } from '../bans/ban-store.ts';
import type { Transaction } from '../database.ts';
import { deleteJoinRequest } from '../join-requests/join-request-store.ts';
import { refuse } from '../refuse.ts';
import type { ConversationRow } from '../tables.ts';
import { requireUser } from '../users/user-store.ts';
import { type MemberView, membershipRefusal } from './member.ts';
import { findMember, insertMember } from './member-store.ts';

/**
 * The one way into a locked conversation, by whichever road: refuses who is banned, and where nobody can be added. What they asked for is granted
 * with it. The caller counts the new member and tells of them.
 */
export const admitMember = async (
  tx: Transaction,
  { conversation, userId, role, at }: { conversation: ConversationRow; userId: Id; role: Role; at: Date },
): Promise<MemberView> => {
  await requireUser(tx, userId);
  if (await isBanned(tx, conversation.id, userId)) throw new ProblemError('banned');
  refuse(membershipRefusal(conversation));
  if (conversation.memberCount >= limits.memberCountMax) {
    throw new ProblemError('conflict', { detail: 'This conversation is full.' });
  }
  await deleteJoinRequest(tx, conversation.id, userId);
  await insertMember(tx, { conversationId: conversation.id, userId, role, joinedAt: at });
  const added = await findMember(tx, conversation.id, userId);
  if (added === undefined) throw new ProblemError('internal');
  return added;
};
