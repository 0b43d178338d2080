import type { JoinRequest } from '@chatapp/contract/shapes';
import type { MembersApi } from '../api/members-api.ts';
import { createTable } from '../ui/table.ts';

export type JoinRequests = ReturnType<typeof createJoinRequests>;

/** Who asks to be let into the conversations that I administer, as far as these were opened. */
export const createJoinRequests = (api: Pick<MembersApi, 'joinRequests'>) => {
  const byConversation = createTable<readonly JoinRequest[]>();
  const remove = (c: string, userId: string) => {
    const known = byConversation.get(c);
    if (known?.some(({ user }) => user.id === userId)) {
      byConversation.put(
        c,
        known.filter(({ user }) => user.id !== userId),
      );
    }
  };
  return {
    of: (c: string): readonly JoinRequest[] => byConversation.get(c) ?? [],
    /** Of a conversation that was asked for, `ids` tells also when that failed. */
    load: async (c: string): Promise<void> => {
      byConversation.put(c, byConversation.get(c) ?? []);
      byConversation.put(c, await api.joinRequests(c));
    },
    ids: byConversation.ids,
    forget: byConversation.remove,
    add: (c: string, request: JoinRequest): void => {
      const others = (byConversation.get(c) ?? []).filter(({ user }) => user.id !== request.user.id);
      byConversation.put(c, [...others, request]);
    },
    /** Answered, here or by another, or the person is in. */
    remove,
  };
};
