import type { Id } from '@chatapp/contract/ids';
import { eq } from 'drizzle-orm';
import type { Queryable, Transaction } from '../database.ts';
import { avatars } from '../tables.ts';

type AvatarRow = typeof avatars.$inferSelect;

export const readAvatar = async (db: Queryable, userId: Id): Promise<AvatarRow | undefined> => {
  const [row] = await db.select().from(avatars).where(eq(avatars.userId, userId));
  return row;
};

export const saveAvatar = async (tx: Transaction, row: AvatarRow): Promise<void> => {
  await tx.insert(avatars).values(row).onConflictDoUpdate({ target: avatars.userId, set: row });
};

export const deleteAvatar = async (tx: Transaction, userId: Id): Promise<void> => {
  await tx.delete(avatars).where(eq(avatars.userId, userId));
};
