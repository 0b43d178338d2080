import type { MemberChange } from '@chatapp/contract/frames';
import type { Role, roles } from '@chatapp/contract/roles';
import type { Member } from '@chatapp/contract/shapes';
import type { ConversationsApi } from '../api/conversations-api.ts';
import { createTable } from '../ui/table.ts';
import type { People } from './people.ts';

export type MembersParts = { api: Pick<ConversationsApi, 'members'>; people: People };
export type Members = ReturnType<typeof createMembers>;

/** The members of conversations that were opened. */
export const createMembers = ({ api, people }: MembersParts) => {
  const byConversation = createTable<readonly Member[]>();

  const load = async (c: string) => {
    const members = await api.members(c);
    people.learn(members.map(({ user }) => user));
    byConversation.put(c, members.sort(byRank));
  };

  return {
    /** Undefined until they are known. */
    of: (c: string): readonly Member[] | undefined => byConversation.get(c),
    load,
    reload: (): Promise<unknown> => Promise.allSettled(byConversation.ids().map(load)),
    change: (c: string, member: Member, change: MemberChange): void => {
      people.learn([member.user]);
      const known = byConversation.get(c);
      if (known) byConversation.put(c, changed(known, member, change));
    },
  };
};

const changed = (known: readonly Member[], member: Member, change: MemberChange): Member[] => {
  const others = known.filter(({ user }) => user.id !== member.user.id);
  const stays = change === 'added' || change === 'role';
  return (stays ? [...others, member] : others).sort(byRank);
};

const rank: Record<(typeof roles)[number], number> = { owner: 0, admin: 1, member: 2, viewer: 3 };
const byRank = (a: Member, b: Member): number =>
  rank[a.role as Role] - rank[b.role as Role] || a.user.name.localeCompare(b.user.name);
