import type { Memberships } from '@chatapp/contract/http-conversations';
import type { Clock } from '@chatapp/resilience/clock';
import { ProblemError } from '@chatapp/service/problem';
import type { AccessCheck } from '../access/access.ts';
import { type Connection, topicOf } from '../connection/connection.ts';
import type { Membership, Person } from '../connection/people.ts';
import { createGather } from '../gather.ts';
import type { Served, ServedConversation } from './served.ts';

export interface PersonConversationsOptions {
  readonly served: Served;
  readonly access: AccessCheck;
  /** Of many people at once. */
  readonly readMemberships: (userIds: readonly string[]) => Promise<ReadonlyMap<string, Memberships['items']>>;
  /** Whether bus events are being read: they keep memberships up. */
  readonly isReading: () => boolean;
  /** How long memberships that events keep up are believed without reading them again. */
  readonly believedMs: number;
  readonly clock: Clock;
}

/** What a reading of memberships found that nobody had told. */
export interface Difference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

const nothingNew: Difference = { added: [], removed: [] };

/** A change that an event told while memberships were being read; null: no member any more. */
interface Told {
  readonly conversationId: string;
  readonly version: number;
  readonly membership: Membership | null;
}

/** Which conversations a person is in, and the sockets' subscriptions to them, which always agree with it. */
export interface PersonConversations {
  /** Reads the memberships and makes them true here. Readers at the same moment share a reading. Rejects with a ProblemError. */
  read(person: Person): Promise<Difference>;
  /** The same, where what is known here may not be believed: a person's second device costs nobody a question. */
  ensure(person: Person): Promise<Difference>;
  /** An event made the person a member, or changed the role. */
  add(person: Person, conversationId: string, membership: Membership): ServedConversation;
  /** An event ended it: the sockets lose the conversation at once. */
  remove(person: Person, conversationId: string, version: number): void;
  /** Subscribes one socket to all of them. */
  subscribe(connection: Connection): void;
  /** The person's last socket closed. */
  leaveAll(person: Person): void;
}

export const createPersonConversations = (options: PersonConversationsOptions): PersonConversations => {
  const { served, access, clock } = options;
  const gather = createGather({ keyOf: (userId: string) => userId, fetch: options.readMemberships, clock });
  const readings = new Map<Person, { told: Told[]; answer: Promise<Difference> }>();

  const enter = (person: Person, conversationId: string, membership: Membership): ServedConversation => {
    const isNew = !person.memberships.has(conversationId);
    person.memberships.set(conversationId, membership);
    const conversation = served.join(conversationId, person);
    conversation.noteMemberCount(membership.memberCount);
    if (!isNew) return conversation;
    for (const connection of person.connections) {
      if (connection.isSubscribed) connection.socket?.subscribe(topicOf(conversationId));
    }
    return conversation;
  };

  const leave = (person: Person, conversationId: string) => {
    person.memberships.delete(conversationId);
    served.leave(conversationId, person);
    for (const connection of person.connections) connection.socket?.unsubscribe(topicOf(conversationId));
  };

  const reconcile = (person: Person, memberships: ReadonlyMap<string, Membership>): Difference => {
    const added = [...memberships.keys()].filter((id) => !person.memberships.has(id));
    const removed = [...person.memberships.keys()].filter((id) => !memberships.has(id));
    for (const id of removed) leave(person, id);
    for (const [id, membership] of memberships) {
      enter(person, id, membership);
      access.learn(id, person.id, membership);
    }
    return { added, removed };
  };

  const read = async (person: Person, told: Told[]): Promise<Difference> => {
    const startedAt = clock.now();
    const items = (await gather([person.id])).get(person.id);
    if (items === undefined) throw new ProblemError('upstream-unreachable');
    const memberships = new Map<string, Membership>(items.map(({ id, ...membership }) => [id, membership]));
    // Events that came while it was read are younger than the answer, unless it shows them already.
    for (const { conversationId, version, membership } of told) {
      if ((memberships.get(conversationId)?.version ?? 0) >= version) continue;
      if (membership === null) memberships.delete(conversationId);
      else memberships.set(conversationId, membership);
    }
    // Whoever left in the meantime is served no more.
    if (person.connections.length === 0) return { added: [], removed: [] };
    person.membershipsReadAt = startedAt;
    return reconcile(person, memberships);
  };

  const readOnce = (person: Person): Promise<Difference> => {
    const running = readings.get(person);
    if (running !== undefined) return running.answer;
    const told: Told[] = [];
    const answer = read(person, told).finally(() => readings.delete(person));
    readings.set(person, { told, answer });
    return answer;
  };

  const isBelieved = ({ membershipsReadAt, doubtedAt }: Person): boolean =>
    membershipsReadAt > doubtedAt && clock.now() - membershipsReadAt < options.believedMs && options.isReading();

  return {
    read: readOnce,
    ensure: (person) => (isBelieved(person) ? Promise.resolve(nothingNew) : readOnce(person)),
    add(person, conversationId, membership) {
      readings.get(person)?.told.push({ conversationId, version: membership.version, membership });
      return enter(person, conversationId, membership);
    },
    remove(person, conversationId, version) {
      readings.get(person)?.told.push({ conversationId, version, membership: null });
      leave(person, conversationId);
    },
    subscribe(connection) {
      connection.isSubscribed = true;
      for (const id of connection.person.memberships.keys()) connection.socket?.subscribe(topicOf(id));
    },
    leaveAll(person) {
      for (const id of [...person.memberships.keys()]) leave(person, id);
    },
  };
};
