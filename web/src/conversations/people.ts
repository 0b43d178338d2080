import { limits } from '@chatapp/contract/limits';
import type { User } from '@chatapp/contract/shapes';
import type { Clock } from '../realtime/clock.ts';
import { createTable } from '../ui/table.ts';

export type PeopleParts = { usersOf: (ids: readonly string[]) => Promise<User[]>; clock: Clock };
export type People = ReturnType<typeof createPeople>;

const gatherMs = 20;
const askAgainMs = 10_000;

/** Who is who: names come with members and invitations, and from the directory for ids that nothing else explained. */
export const createPeople = ({ usersOf, clock }: PeopleParts) => {
  const known = createTable<User>();
  const asked = new Set<string>();
  const wanted: string[] = [];

  const learn = (users: readonly User[]) => known.putAll(Object.fromEntries(users.map((user) => [user.id, user])));

  const ask = async () => {
    const ids = wanted.splice(0, limits.idsPerRequestMax);
    if (wanted.length > 0) clock.after(gatherMs, () => void ask());
    try {
      learn(await usersOf(ids));
    } catch {
      clock.after(askAgainMs, () => {
        for (const id of ids) asked.delete(id);
      });
    }
  };

  return {
    learn,
    /** Everybody whose name is known. */
    all: known.all,
    /** The person, undefined while unknown: then the directory is asked, once for all who are missing at a time. */
    find: (id: string): User | undefined => {
      const user = known.get(id);
      if (!user && !asked.has(id)) {
        asked.add(id);
        wanted.push(id);
        if (wanted.length === 1) clock.after(gatherMs, () => void ask());
      }
      return user;
    },
  };
};
