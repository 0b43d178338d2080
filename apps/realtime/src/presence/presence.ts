import type { Clock } from '@chatapp/resilience/clock';
import { chunks } from '@chatapp/service/chunks';
import type { Log } from '@chatapp/service/log';
import { type Connection, userTopic } from '../connection/connection.ts';
import type { People, Person } from '../connection/people.ts';
import { createGather } from '../gather.ts';
import { seatOf } from '../node-id.ts';
import { batches } from '../subscriptions/fan-out.ts';
import type { Served } from '../subscriptions/served.ts';
import { createThrottle } from '../throttle.ts';
import { decodeNotes, decodePresenceAnswers, type PresenceAnswer, type PresenceNote } from './presence-note.ts';
import { type PresenceStore, presenceAnswers, presenceChannel, type Status } from './presence-store.ts';

export interface PresenceOptions {
  readonly nodeId: string;
  readonly people: People;
  readonly served: Served;
  readonly store: PresenceStore;
  readonly publish: (topic: string, frame: string) => void;
  /** The conversations of people who have no socket here. */
  readonly conversationsOf: (userIds: readonly string[]) => Promise<ReadonlyMap<string, readonly string[]>>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Presence {
  /** A socket has resumed: co-members learn of the person, and it of them. */
  arrived(connection: Connection): void;
  /** A person whose sockets have resumed came into a conversation: the same among its members. */
  joined(person: Person, conversationId: string): void;
  /** Told once a second at most for each person, in the end as it is then. */
  changed(connection: Connection, status: Status): void;
  /** The person's last socket here closed; they count as here for ten seconds more. */
  left(person: Person): void;
  /** One of several sockets of the person here closed: if they are away with the others, they are so for everybody after ten seconds. */
  thinned(person: Person): void;
  /** Ends what grace is over. Every second. */
  tick(): Promise<void>;
  /** Shows that this node lives, and takes over the people of nodes that died. Every five seconds. */
  beat(): Promise<void>;
  /** This node ends; its people may come back elsewhere within the grace. */
  retire(): Promise<void>;
  /** Whether a node showed that it lives, as of the last beat, and no other one in its seat did later. */
  isLive(nodeId: string): boolean;
  hear(text: string): void;
  hearAnswer(text: string): void;
}

interface Arrival {
  readonly connection: Connection;
  /** The same list where the same is to be told of several sockets of a person. */
  readonly conversationIds: readonly string[];
  /** The members were not told of the person, though the status is no new one. */
  readonly isNews: boolean;
}

interface Leaving {
  readonly at: number;
  readonly conversationIds: readonly string[];
}

const graceMs = 10_000;
/** Of somebody in more conversations, co-members of the others do not see them. */
const conversationsMax = 300;
/** Between what is told of those who come: thousands at once cost some frames and writes, not thousands of each. */
const paceMs = 50;
const takenOverAtOnce = 200;
const changeMs = 1000;

/**
 * Who is here. Redis holds each person's status a node; nodes tell each other of changes with the person's conversations, so that each finds the
 * co-members among its own sockets and nobody else learns anything. May be late or lost, never wrong for long.
 */
export const createPresence = (options: PresenceOptions): Presence => {
  const { nodeId, people, served, store, publish, clock, log } = options;
  /** The status that this node gave its people, until their grace is over. */
  const given = new Map<string, Status>();
  let live: ReadonlySet<string> = new Set();
  /** Those that live, without the dead whose grace is not over. */
  let seated: ReadonlySet<string> = new Set();
  let hasSeat = false;
  let hasRetired = false;
  const leaving = new Map<string, Leaving>();
  /** When those became away who are still shown as online, the last ones at the end. */
  const thinned = new Map<Person, number>();

  const tell = async (notes: readonly PresenceNote[]) => {
    if (notes.length > 0) await store.publish(presenceChannel, JSON.stringify(notes));
  };

  /** The best status of each person over this node and the others that live; who is nowhere is missing. */
  const statusesEverywhere = async (userIds: readonly string[]): Promise<Map<string, Status>> => {
    const others = [...live].filter((node) => node !== nodeId);
    const elsewhere = await store.statusesOn(others, userIds);
    const found = userIds.flatMap((userId) => {
      const statuses = [given.get(userId), ...(elsewhere.get(userId) ?? [])];
      const best = statuses.includes('online') ? 'online' : statuses.find((status) => status !== undefined);
      return best === undefined ? [] : [[userId, best] as const];
    });
    return new Map(found);
  };

  const tellStatuses = async (conversationsOf: ReadonlyMap<string, readonly string[]>) => {
    const statuses = await statusesEverywhere([...conversationsOf.keys()]);
    await tell(
      [...conversationsOf].map(([userId, conversationIds]) => ({
        ...{ userId, conversationIds },
        status: statuses.get(userId) ?? 'offline',
      })),
    );
  };

  const smallOnes = (person: Person): string[] =>
    [...person.memberships.keys()].filter((id) => served.get(id)?.isSmall).slice(0, conversationsMax);

  /** Answers whether the status is a new one, which then belongs into the store. */
  const give = (person: Person): boolean => {
    const status = statusOf(person);
    if (given.get(person.id) === status) return false;
    given.set(person.id, status);
    return true;
  };

  const keep = async (userIds: readonly string[]) => {
    const statuses = userIds.flatMap((userId) => {
      const status = given.get(userId);
      return status === undefined ? [] : [[userId, status] as const];
    });
    await store.set(new Map(statuses));
  };

  const coMembers = ({ userId, conversationIds }: PresenceNote): Set<string> => {
    const found = new Set<string>();
    for (const id of conversationIds) {
      const conversation = served.get(id);
      if (conversation?.isSmall) for (const person of conversation.people) found.add(person.id);
    }
    found.delete(userId);
    return found;
  };

  const answerOf = (connection: string, userIds: Iterable<string>): PresenceAnswer => ({
    connection,
    people: [...userIds].flatMap((userId) => {
      const status = given.get(userId);
      return status === undefined ? [] : [{ userId, status }];
    }),
  });

  const show = ({ connection, people: here }: PresenceAnswer) => {
    for (const batch of batches(here.map(presencePush))) people.connection(connection)?.send(batch);
  };

  const arrive = async (arrivals: readonly Arrival[]) => {
    // Whoever is gone again was never here.
    const here = arrivals.filter(({ connection }) => connection.person.connections.length > 0);
    const userIds = new Set(here.map(({ connection }) => connection.person.id));
    const changed = here.flatMap(({ connection: { person } }) => (give(person) ? [person.id] : []));
    // Whoever came after a person left was not told that they may come back.
    const back = [...userIds].filter((userId) => leaving.delete(userId));
    const joined = here.flatMap(({ isNews, connection }) => (isNews ? [connection.person.id] : []));
    const news = new Set([...changed, ...back, ...joined]);
    if (changed.length > 0) await keep(changed);
    const statuses = news.size > 0 ? await statusesEverywhere([...news]) : new Map<string, Status>();
    // The sockets of one person ask each for itself; what the members learn of them is one thing.
    const told = new Set<readonly string[]>();
    const notes = here.map(({ connection, conversationIds }): PresenceNote => {
      const status = told.has(conversationIds) ? undefined : statuses.get(connection.person.id);
      told.add(conversationIds);
      const asker = { node: nodeId, connection: connection.id };
      return { userId: connection.person.id, conversationIds, asker, ...(status === undefined ? {} : { status }) };
    });
    for (const note of notes) if (note.asker) show(answerOf(note.asker.connection, coMembers(note)));
    await tell(notes);
  };

  let lastArrival = 0;
  const gather = createGather({ keyOf: () => String(lastArrival++), fetch: arrive, clock, paceMs });
  /** May be lost. */
  const note = (arrivals: readonly Arrival[]) => void gather(arrivals).catch(() => undefined);

  /** Answers sockets of other nodes that want to know who is here. */
  const answer = async (answers: ReadonlyMap<string, PresenceAnswer[]>) => {
    await Promise.all([...answers].map(([node, list]) => store.publish(presenceAnswers(node), JSON.stringify(list))));
  };

  /** Somebody of whom nothing was told yet is told of when they arrive. */
  const isOutdated = (person: Person): boolean =>
    person.connections.length > 0 && given.has(person.id) && given.get(person.id) !== statusOf(person);

  const tellChange = async (person: Person) => {
    if (!isOutdated(person)) return;
    give(person);
    await keep([person.id]);
    await tellStatuses(new Map([[person.id, smallOnes(person)]]));
  };
  const throttle = createThrottle(changeMs, clock);
  const tellChangeSoon = (person: Person) => {
    // May be lost.
    if (isOutdated(person)) throttle(person.id, () => void tellChange(person).catch(() => undefined));
  };

  const tellThinned = () => {
    for (const [person, at] of thinned) {
      if (clock.now() - at < graceMs) break;
      thinned.delete(person);
      tellChangeSoon(person);
    }
  };

  const takeOver = async (departed: readonly string[]) => {
    const statuses = await statusesEverywhere(departed);
    // They may have been shown as online for the sake of the dead node alone.
    const doubted = departed.filter((userId) => statuses.get(userId) !== 'online');
    if (doubted.length > 0) await tellStatuses(await options.conversationsOf(doubted));
  };

  return {
    arrived: (connection) => note([{ connection, conversationIds: smallOnes(connection.person), isNews: false }]),
    joined(person, conversationId) {
      if (!served.get(conversationId)?.isSmall) return;
      const open = person.connections.filter(({ isSubscribed }) => isSubscribed);
      const conversationIds = [conversationId];
      note(open.map((connection) => ({ connection, conversationIds, isNews: true })));
    },
    changed(connection, status) {
      if (!connection.isSubscribed) return;
      connection.isAway = status === 'away';
      tellChangeSoon(connection.person);
    },
    left(person) {
      if (!given.has(person.id)) return;
      // Nobody learned that they were back, nor is it known here whom to tell: the time that began before goes on.
      if (person.membershipsReadAt === 0 && leaving.has(person.id)) return;
      leaving.delete(person.id);
      leaving.set(person.id, { at: clock.now(), conversationIds: smallOnes(person) });
    },
    thinned(person) {
      thinned.delete(person);
      if (isOutdated(person)) thinned.set(person, clock.now());
    },
    async tick() {
      tellThinned();
      const gone: [string, Leaving][] = [];
      for (const one of leaving) {
        // In the order of leaving.
        if (clock.now() - one[1].at < graceMs) break;
        gone.push(one);
      }
      if (gone.length === 0) return;
      for (const [userId] of gone) {
        leaving.delete(userId);
        given.delete(userId);
      }
      try {
        await store.remove(gone.map(([userId]) => userId));
        await tellStatuses(new Map(gone.map(([userId, { conversationIds }]) => [userId, conversationIds])));
      } catch (error) {
        // Ended again at the next tick, without those who are back.
        const since = [...leaving];
        leaving.clear();
        for (const [userId, left] of gone) if (!given.has(userId)) leaving.set(userId, left);
        for (const [userId, left] of since) leaving.set(userId, left);
        throw error;
      }
    },
    async beat() {
      // A beat would take it back.
      if (hasRetired) return;
      if (!hasSeat) await store.retireDead(graceMs);
      hasSeat = true;
      if (!(await store.beat())) await keep([...given.keys()]);
      const nodes = await store.liveNodes();
      live = new Set(nodes);
      seated = new Set(new Map(nodes.map((node) => [seatOf(node), node])).values());
      for (const departed of chunks(await store.takeDead(), takenOverAtOnce)) {
        await takeOver(departed).catch((error) => log.debug({ error }, 'departed people could not be told'));
      }
    },
    async retire() {
      hasRetired = true;
      await store.retire(graceMs);
    },
    isLive: (node) => seated.has(node),
    hear(text) {
      const pushes = new Map<string, string[]>();
      const answers = new Map<string, PresenceAnswer[]>();
      for (const heard of decodeNotes(text)) {
        const { userId, status, asker } = heard;
        const found = coMembers(heard);
        const push = status === undefined ? undefined : presencePush({ userId, status });
        if (push !== undefined) for (const other of found) append(pushes, other, push);
        // Our own sockets were shown those of this node when they came.
        if (asker === undefined || asker.node === nodeId) continue;
        const known = answerOf(asker.connection, found);
        if (known.people.length > 0) append(answers, asker.node, known);
      }
      for (const [userId, frames] of pushes) for (const batch of batches(frames)) publish(userTopic(userId), batch);
      answer(answers).catch(() => undefined);
    },
    hearAnswer(text) {
      for (const heard of decodePresenceAnswers(text)) show(heard);
    },
  };
};

const append = <T>(lists: Map<string, T[]>, key: string, item: T): void => {
  const known = lists.get(key);
  if (known === undefined) lists.set(key, [item]);
  else known.push(item);
};

const presencePush = ({ userId, status }: { userId: string; status: Status | 'offline' }): string =>
  JSON.stringify({ e: 'presence', userId, status });

const statusOf = (person: Person): Status =>
  person.connections.some(({ isSubscribed, isAway }) => isSubscribed && !isAway) ? 'online' : 'away';
