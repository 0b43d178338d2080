import { eventually } from '../../dev/testing/eventually.ts';
import { accept, createConversation, expectStatus, invite, type Person, signIn } from '../../dev/testing/person.ts';
import { wholeBelow } from '../random.ts';

export interface Room {
  readonly c: string;
  readonly members: readonly Person[];
}

/** Runs at most `width` at once, in order of begin. */
const inParallel = async <T, R>(items: readonly T[], width: number, work: (item: T) => Promise<R>): Promise<R[]> => {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < items.length; at = next++) {
      const item = items[at];
      if (item !== undefined) results[at] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
};

/** The first of the people stay all the time: in their names faults ask and connect, too. */
export const stayingPeople = 12;

const width = 6;

export const signInAll = (url: string, count: number): Promise<Person[]> =>
  inParallel(
    Array.from({ length: count }, (_, at) => `load-${String(at + 1).padStart(3, '0')}`),
    width,
    (login) => signIn(url, login),
  );

/** Conversations of so many people each, everybody in about equally many of them. */
export const makeRooms = (
  people: readonly Person[],
  { conversations, members, random }: { conversations: number; members: number; random: () => number },
): Promise<Room[]> => {
  const offset = wholeBelow(random, people.length);
  const rooms = Array.from({ length: conversations }, (_, room) =>
    Array.from({ length: members }, (_, at) => people[(offset + room * members + at) % people.length]),
  );
  return inParallel(rooms, width, async (picked) => {
    const [owner, ...others] = [...new Set(picked.filter((person) => person !== undefined))];
    if (!owner) throw new Error('a conversation needs somebody');
    const { id } = await createConversation(owner, 'chaos');
    for (const other of others) await accept(other, (await invite(owner, id, other.userId)).id);
    const joined = 1 + others.length;
    // The system messages of the joinings come over the bus: the load begins when all are there.
    await eventually(async () => (await headSeq(owner, id)) >= joined, { timeoutMs: 30_000, intervalMs: 100 });
    return { c: id, members: [owner, ...others] };
  });
};

const headSeq = async (person: Person, c: string): Promise<number> => {
  const path = `/api/messages/conversations/${c}/messages?limit=1`;
  return expectStatus(await person.call<{ headSeq: number }>('GET', path), 200).body.headSeq;
};
