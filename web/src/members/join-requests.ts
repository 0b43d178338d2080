import type { JoinRequest } from '@chatapp/contract/shapes';
import type { MembersApi } from '../api/members-api.ts';
import { createMeanwhile } from '../realtime/meanwhile.ts';
import { createTable } from '../ui/table.ts';

export type JoinRequests = ReturnType<typeof createJoinRequests>;

/** Who asks to be let into the conversations that I administer, as far as these were opened. */
export const createJoinRequests = (api: Pick<MembersApi, 'joinRequests'>) => {
  const byConversation = createTable<readonly JoinRequest[]>();
  const onTheWay = createMeanwhile<readonly JoinRequest[]>();
  const change = (c: string, to: (known: readonly JoinRequest[]) => readonly JoinRequest[]) => {
    onTheWay.note(c, to);
    byConversation.put(c, to(byConversation.get(c) ?? []));
  };
  return {
    of: (c: string): readonly JoinRequest[] => byConversation.get(c) ?? [],
    /** Of a conversation that was asked for, `ids` tells also when that failed. */
    load: async (c: string): Promise<void> => {
      byConversation.put(c, byConversation.get(c) ?? []);
      const answer = await onTheWay.over(c, api.joinRequests(c));
      if (answer) byConversation.put(c, answer);
    },
    ids: byConversation.ids,
    forget: (c: string): void => {
      byConversation.remove(c);
      onTheWay.forget(c);
    },
    add: (c: string, request: JoinRequest): void => change(c, (known) => [...without(known, request.user.id), request]),
    /** Answered, here or by another, or the person is in. */
    remove: (c: string, userId: string): void => {
      if (byConversation.get(c)) change(c, (known) => without(known, userId));
    },
  };
};

const without = (known: readonly JoinRequest[], userId: string): readonly JoinRequest[] =>
  known.some(({ user }) => user.id === userId) ? known.filter(({ user }) => user.id !== userId) : known;
