import type { Log } from '@chatapp/service/log';
import { type Connection, userTopic } from '../connection/connection.ts';
import type { People, Person } from '../connection/people.ts';
import { batches } from '../subscriptions/fan-out.ts';
import type { Served } from '../subscriptions/served.ts';
import { decodeNote, decodePresenceAnswer, type PresenceAnswer, type PresenceNote } from './presence-note.ts';
import { type PresenceStore, presenceAnswers, presenceChannel, type Status } from './presence-store.ts';

export interface PresenceOptions {
  readonly nodeId: string;
  readonly people: People;
  readonly served: Served;
  readonly store: PresenceStore;
  readonly publish: (topic: string, frame: string) => void;
  /** The conversations of somebody who has no socket here. */
  readonly conversationsOf: (userId: string) => Promise<readonly string[]>;
  readonly now: () => number;
  readonly log: Log;
}

export interface Presence {
  /** A socket has resumed: co-members learn of the person, and it of them. */
  arrived(connection: Connection): Promise<void>;
  changed(connection: Connection, status: Status): Promise<void>;
  /** The person's last socket here closed; they count as here for ten seconds more. */
  left(person: Person): void;
  /** Ends what grace is over. Every second. */
  tick(): Promise<void>;
  /** Shows that this node lives, and takes over the people of nodes that died. Every five seconds. */
  beat(): Promise<void>;
  /** This node ends; its people may come back elsewhere within the grace. */
  retire(): Promise<void>;
  /** Whether a node showed that it lives, as of the last beat. */
  isLive(nodeId: string): boolean;
  hear(text: string): void;
  hearAnswer(text: string): void;
}

const graceMs = 10_000;
/** Of somebody in more conversations, co-members of the others do not see them. */
const conversationsMax = 300;

/**
 * Who is here. Redis holds each person's status a node; nodes tell each other of changes with the person's conversations, so that each finds the
 * co-members among its own sockets and nobody else learns anything. May be late or lost, never wrong for long.
 */
export const createPresence = (options: PresenceOptions): Presence => {
  const { nodeId, people, served, store, publish, now, log } = options;
  /** The status that this node gave its people, until their grace is over. */
  const given = new Map<string, Status>();
  let live: ReadonlySet<string> = new Set();
  const leaving = new Map<string, { at: number; conversationIds: readonly string[] }>();

  const tell = (note: PresenceNote) => store.publish(presenceChannel, JSON.stringify(note));

  /** The best status of a person over this node and the others that live; undefined: nowhere. */
  const statusEverywhere = async (userId: string): Promise<Status | undefined> => {
    const others = [...live].filter((node) => node !== nodeId);
    const statuses = await store.statusesOn(others, userId);
    if (given.get(userId) === 'online' || statuses.includes('online')) return 'online';
    return given.get(userId) ?? statuses[0];
  };

  const tellStatus = async (userId: string, conversationIds: readonly string[]) =>
    tell({ userId, status: (await statusEverywhere(userId)) ?? 'offline', conversationIds });

  const smallOnes = (person: Person): string[] =>
    [...person.memberships.keys()].filter((id) => served.get(id)?.isSmall).slice(0, conversationsMax);

  /** Answers whether the status is a new one. */
  const give = async (person: Person): Promise<boolean> => {
    leaving.delete(person.id);
    const status = statusOf(person);
    if (given.get(person.id) === status) return false;
    given.set(person.id, status);
    await store.set(person.id, status);
    return true;
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
    const pushes = here.map(({ userId, status }) => JSON.stringify({ e: 'presence', userId, status }));
    for (const batch of batches(pushes)) people.connection(connection)?.send(batch);
  };

  /** Answers the socket of another node that wants to know who is here. */
  const answer = async ({ node, connection }: NonNullable<PresenceNote['asker']>, userIds: Iterable<string>) => {
    const found = answerOf(connection, userIds);
    if (found.people.length > 0) await store.publish(presenceAnswers(node), JSON.stringify(found));
  };

  const takeOver = async (userId: string) => {
    if (given.has(userId) || (await statusEverywhere(userId)) !== undefined) return;
    await tell({ userId, status: 'offline', conversationIds: await options.conversationsOf(userId) });
  };

  return {
    async arrived(connection) {
      const { person } = connection;
      // Whoever came after the person left was not told that they may come back.
      const isBack = leaving.has(person.id);
      const isNew = (await give(person)) || isBack;
      const status = isNew ? await statusEverywhere(person.id) : undefined;
      const conversationIds = smallOnes(person);
      const asker = { node: nodeId, connection: connection.id };
      const note = { userId: person.id, conversationIds, asker, ...(status === undefined ? {} : { status }) };
      show(answerOf(connection.id, coMembers(note)));
      await tell(note);
    },
    async changed(connection, status) {
      if (!connection.isSubscribed) return;
      connection.isAway = status === 'away';
      if (await give(connection.person)) await tellStatus(connection.person.id, smallOnes(connection.person));
    },
    left(person) {
      if (given.has(person.id)) leaving.set(person.id, { at: now(), conversationIds: smallOnes(person) });
    },
    async tick() {
      for (const [userId, { at, conversationIds }] of leaving) {
        // In the order of leaving.
        if (now() - at < graceMs) return;
        leaving.delete(userId);
        given.delete(userId);
        await store.remove(userId);
        await tellStatus(userId, conversationIds);
      }
    },
    async beat() {
      if (!(await store.beat())) {
        await Promise.all([...given].map(([userId, status]) => store.set(userId, status)));
      }
      live = new Set(await store.liveNodes());
      for (const userId of await store.takeDead()) {
        await takeOver(userId).catch((error) => log.debug({ error }, 'a departed person could not be told'));
      }
    },
    retire: () => store.retire(graceMs),
    isLive: (node) => live.has(node),
    hear(text) {
      const note = decodeNote(text);
      const found = coMembers(note);
      if (note.status !== undefined) {
        const push = JSON.stringify({ e: 'presence', userId: note.userId, status: note.status });
        for (const userId of found) publish(userTopic(userId), push);
      }
      // Our own sockets were shown those of this node when they came.
      if (note.asker === undefined || note.asker.node === nodeId) return;
      answer(note.asker, found).catch(() => undefined);
    },
    hearAnswer: (text) => show(decodePresenceAnswer(text)),
  };
};

const statusOf = (person: Person): Status =>
  [...person.connections].some(({ isSubscribed, isAway }) => isSubscribed && !isAway) ? 'online' : 'away';
