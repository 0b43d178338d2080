import type { Receipt } from '@chatapp/contract/http-messages';
import { limits } from '@chatapp/contract/limits';
import type { Conversation } from '@chatapp/contract/shapes';
import { createTable } from '../ui/table.ts';

export type ReceiptsParts = { receiptsOf: (conversationId: string) => Promise<Receipt[]> };
export type Receipts = ReturnType<typeof createReceipts>;

/** Whether members of a conversation see how far the others have read. */
export const showsReceipts = ({ receipts, memberCount }: Pick<Conversation, 'receipts' | 'memberCount'>): boolean =>
  receipts && memberCount <= limits.presenceMembersMax;

/** How far the members of opened conversations have read. Markers only grow, so an old answer takes nothing back. */
export const createReceipts = ({ receiptsOf }: ReceiptsParts) => {
  const byConversation = createTable<ReadonlyMap<string, number>>();
  const take = (c: string, fresh: readonly Receipt[]) => {
    const known = new Map(byConversation.get(c));
    for (const { userId, seq } of fresh) known.set(userId, Math.max(seq, known.get(userId) ?? 0));
    byConversation.put(c, known);
  };
  const load = async (c: string): Promise<void> => {
    take(c, []);
    take(c, await receiptsOf(c));
  };
  return {
    load,
    /** Those that were opened, also where nothing could be loaded. */
    ids: byConversation.ids,
    /** A member's marker moved. */
    read: (c: string, userId: string, seq: number): void => {
      if (byConversation.get(c)) take(c, [{ userId, seq }]);
    },
    /** Who has read up to a message, without those of `except`. */
    readers: (c: string, seq: number, except: readonly string[]): string[] =>
      Array.from(byConversation.get(c) ?? [])
        .filter(([userId, read]) => read >= seq && !except.includes(userId))
        .map(([userId]) => userId),
    forget: (c: string): void => byConversation.remove(c),
  };
};
