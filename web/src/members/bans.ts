import type { Ban } from '@chatapp/contract/http-conversations';
import type { MembersApi } from '../api/members-api.ts';
import { createTable } from '../ui/table.ts';

/** Who is banned from the conversations that I administer, as far as I looked. */
export const createBans = (api: Pick<MembersApi, 'bans' | 'unban'>) => {
  const byConversation = createTable<readonly Ban[]>();
  const set = (c: string, change: (known: readonly Ban[]) => readonly Ban[]) =>
    byConversation.put(c, change(byConversation.get(c) ?? []));
  return {
    of: (c: string): readonly Ban[] => byConversation.get(c) ?? [],
    /** Of a conversation that was asked for, `ids` tells also when that failed. */
    load: async (c: string): Promise<void> => {
      set(c, (known) => known);
      byConversation.put(c, await api.bans(c));
    },
    ids: byConversation.ids,
    forget: byConversation.remove,
    add: (c: string, ban: Ban): void =>
      set(c, (known) => [ban, ...known.filter(({ user }) => user.id !== ban.user.id)]),
    /** Ends a ban. Throws `ApiError`. */
    lift: async (c: string, userId: string): Promise<void> => {
      await api.unban(c, userId);
      set(c, (known) => known.filter(({ user }) => user.id !== userId));
    },
  };
};
