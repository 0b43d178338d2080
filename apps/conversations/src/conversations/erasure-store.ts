import type { Id } from '@chatapp/contract/ids';
import { and, asc, eq, gt, isNotNull, lte } from 'drizzle-orm';
import type { Queryable, Transaction } from '../database.ts';
import { audit, bans, conversations, invitations, joinRequests, members } from '../tables.ts';

/** Conversations that were deleted at `before` or earlier, by id after `after`, at most `limit`. Looks through all in their period of grace. */
export const listDeletedBefore = async (
  db: Queryable,
  { before, after, limit }: { before: Date; after: Id | undefined; limit: number },
): Promise<Id[]> => {
  const rows = await db
    .select({ id: conversations.id })
    .from(conversations)
    .where(
      and(
        isNotNull(conversations.deletedAt),
        lte(conversations.deletedAt, before),
        after === undefined ? undefined : gt(conversations.id, after),
      ),
    )
    .orderBy(asc(conversations.id))
    .limit(limit);
  return rows.map((row) => row.id);
};

/** Deletes a locked conversation with all that hangs on it; its events are another table's and stay until they are relayed. */
export const eraseConversation = async (tx: Transaction, id: Id): Promise<void> => {
  await tx.delete(audit).where(eq(audit.conversationId, id));
  await tx.delete(bans).where(eq(bans.conversationId, id));
  await tx.delete(joinRequests).where(eq(joinRequests.conversationId, id));
  // Tokens and redemptions go with them.
  await tx.delete(invitations).where(eq(invitations.conversationId, id));
  await tx.delete(members).where(eq(members.conversationId, id));
  await tx.delete(conversations).where(eq(conversations.id, id));
};
