import type { Id } from '@chatapp/contract/ids';
import type { Role } from '@chatapp/contract/roles';
import { and, eq } from 'drizzle-orm';
import type { Queryable, Transaction } from '../database.ts';
import { conversationAvatars, conversations, members } from '../tables.ts';

type ConversationAvatarRow = typeof conversationAvatars.$inferSelect;

/** The picture of a conversation, and what decides whether a person sees it. `role`: null where they are no member. */
export const readConversationAvatar = async (
  db: Queryable,
  conversationId: Id,
  userId: Id,
): Promise<{ avatar: ConversationAvatarRow; deletedAt: Date | null; role: Role | null } | undefined> => {
  const [row] = await db
    .select({ avatar: conversationAvatars, deletedAt: conversations.deletedAt, role: members.role })
    .from(conversationAvatars)
    .innerJoin(conversations, eq(conversations.id, conversationAvatars.conversationId))
    .leftJoin(members, and(eq(members.conversationId, conversations.id), eq(members.userId, userId)))
    .where(eq(conversationAvatars.conversationId, conversationId));
  return row;
};

export const saveConversationAvatar = async (tx: Transaction, row: ConversationAvatarRow): Promise<void> => {
  await tx
    .insert(conversationAvatars)
    .values(row)
    .onConflictDoUpdate({ target: conversationAvatars.conversationId, set: row });
};

export const deleteConversationAvatar = async (tx: Transaction, conversationId: Id): Promise<void> => {
  await tx.delete(conversationAvatars).where(eq(conversationAvatars.conversationId, conversationId));
};
