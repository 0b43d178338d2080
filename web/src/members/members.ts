import type { MemberChange } from '@chatapp/contract/frames';
import { roles } from '@chatapp/contract/roles';
import type { Member } from '@chatapp/contract/shapes';
import type { MembersApi } from '../api/members-api.ts';
import type { People } from '../conversations/people.ts';
import { createMeanwhile } from '../realtime/meanwhile.ts';
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
  const opened = new Set<string>();
  const [firstPages, morePages] = [createMeanwhile<Known>(), createMeanwhile<Known>()];

  const pagesFrom = async (c: string, cursor: string | null): Promise<Known> => {
    const members: Member[] = [];
    let next = cursor;
    for (let count = 0; count < pagesAtOnce; count++) {
      const page = await api.members(c, next ?? undefined);
      members.push(...page.items);
      next = page.next;
      if (next === null) break;
    }
    people.learn(members.map(({ user }) => user));
    return { members, next };
  };

  const put = (c: string, { members, next }: Known) =>
    byConversation.put(c, { members: members.toSorted(byRank), next });

  const load = async (c: string) => {
    opened.add(c);
    failures.remove(c);
    try {
      const answer = await firstPages.over(c, pagesFrom(c, null));
      if (answer) put(c, answer);
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
      const more = await morePages.over(c, pagesFrom(c, cursor));
      const known = byConversation.get(c);
      // Loaded anew meanwhile, it may end elsewhere.
      if (!more || known?.next !== cursor) return;
      const fresh = more.members.filter(({ user }) => !known.members.some((member) => member.user.id === user.id));
      put(c, { members: [...known.members, ...fresh], next: more.next });
    },
    /** Those that were opened, also where nothing could be loaded. */
    ids: (): string[] => [...opened],
    change: (c: string, member: Member, change: MemberChange): void => {
      people.learn([member.user]);
      const apply = (known: Known): Known => ({ ...known, members: changed(known.members, member, change) });
      for (const pages of [firstPages, morePages]) pages.note(c, apply);
      const known = byConversation.get(c);
      if (known) put(c, apply(known));
    },
    forget: (c: string): void => {
      opened.delete(c);
      byConversation.remove(c);
      failures.remove(c);
      for (const pages of [firstPages, morePages]) pages.forget(c);
    },
  };
};

const changed = (known: readonly Member[], member: Member, change: MemberChange): Member[] => {
  const others = known.filter(({ user }) => user.id !== member.user.id);
  const stays = change === 'added' || change === 'role';
  return stays ? [...others, member] : others;
};

const byRank = (a: Member, b: Member): number =>
  roles.indexOf(a.role) - roles.indexOf(b.role) || a.user.name.localeCompare(b.user.name);
