import type { MemberChange } from '@chatapp/contract/frames';
import { roles } from '@chatapp/contract/roles';
import type { Member } from '@chatapp/contract/shapes';
import type { MembersApi } from '../api/members-api.ts';
import type { People } from '../conversations/people.ts';
import { createTable } from '../ui/table.ts';

export type MembersParts = { api: Pick<MembersApi, 'members'>; people: People };
export type Members = ReturnType<typeof createMembers>;

type Known = { members: readonly Member[]; next: string | null };

/** So many at once; who wants to see more of a large conversation asks for them. */
const pagesAtOnce = 3;

/** The members of conversations that were opened: of a large one the first few hundred, until more are asked for. */
export const createMembers = ({ api, people }: MembersParts) => {
  const byConversation = createTable<Known>();
  const failures = createTable<true>();

  const pagesFrom = async (
    c: string,
    cursor: string | undefined,
  ): Promise<{ items: Member[]; next: string | null }> => {
    const items: Member[] = [];
    let next: string | null = cursor ?? null;
    for (let count = 0; count < pagesAtOnce; count++) {
      const page = await api.members(c, next ?? undefined);
      items.push(...page.items);
      next = page.next;
      if (next === null) break;
    }
    people.learn(items.map(({ user }) => user));
    return { items, next };
  };

  const load = async (c: string) => {
    failures.remove(c);
    try {
      const { items, next } = await pagesFrom(c, undefined);
      byConversation.put(c, { members: items.sort(byRank), next });
    } catch (error) {
      failures.put(c, true);
      throw error;
    }
  };

  return {
    /** Those who are known; undefined before the first answer. */
    of: (c: string): readonly Member[] | undefined => byConversation.get(c)?.members,
    /** Nobody is known, since that could not be loaded. */
    failed: (c: string): boolean => failures.get(c) === true && byConversation.get(c) === undefined,
    hasMore: (c: string): boolean => (byConversation.get(c)?.next ?? null) !== null,
    load,
    loadMore: async (c: string): Promise<void> => {
      const cursor = byConversation.get(c)?.next;
      if (!cursor) return;
      const { items, next } = await pagesFrom(c, cursor);
      const known = byConversation.get(c)?.members ?? [];
      const fresh = items.filter(({ user }) => !known.some((member) => member.user.id === user.id));
      byConversation.put(c, { members: [...known, ...fresh].sort(byRank), next });
    },
    /** Those that were opened, also where nothing could be loaded. */
    ids: (): string[] => [...new Set([...byConversation.ids(), ...failures.ids()])],
    change: (c: string, member: Member, change: MemberChange): void => {
      people.learn([member.user]);
      const known = byConversation.get(c);
      if (known) byConversation.put(c, { ...known, members: changed(known.members, member, change) });
    },
    forget: (c: string): void => {
      byConversation.remove(c);
      failures.remove(c);
    },
  };
};

const changed = (known: readonly Member[], member: Member, change: MemberChange): Member[] => {
  const others = known.filter(({ user }) => user.id !== member.user.id);
  const stays = change === 'added' || change === 'role';
  return (stays ? [...others, member] : others).sort(byRank);
};

const byRank = (a: Member, b: Member): number =>
  roles.indexOf(a.role) - roles.indexOf(b.role) || a.user.name.localeCompare(b.user.name);
