import { limits } from '@chatapp/contract/limits';
import { topicOf } from '../connection/connection.ts';
import type { Person } from '../connection/people.ts';
import { Order } from './order.ts';

/** A conversation that at least one person here is subscribed to. */
export class ServedConversation {
  readonly topic: string;
  readonly order = new Order();
  readonly people = new Set<Person>();
  #memberCount = 0;

  constructor(readonly id: string) {
    this.topic = topicOf(id);
  }

  noteMemberCount(count: number | undefined): void {
    if (count !== undefined) this.#memberCount = count;
  }

  /** Whether typing and presence exist in it. */
  get isSmall(): boolean {
    return Math.max(this.#memberCount, this.people.size) <= limits.presenceMembersMax;
  }

  /** Closes every socket that is subscribed to it. */
  close(code: number, reason: string): void {
    for (const person of this.people) {
      for (const connection of [...person.connections]) if (connection.isSubscribed) connection.close(code, reason);
    }
  }
}

/** The conversations that this node serves. One that nobody here is in any more is forgotten with its position. */
export class Served {
  readonly #byId = new Map<string, ServedConversation>();

  get(id: string): ServedConversation | undefined {
    return this.#byId.get(id);
  }

  join(id: string, person: Person): ServedConversation {
    const conversation = this.#byId.get(id) ?? new ServedConversation(id);
    this.#byId.set(id, conversation);
    conversation.people.add(person);
    return conversation;
  }

  leave(id: string, person: Person): void {
    const conversation = this.#byId.get(id);
    if (conversation === undefined) return;
    conversation.people.delete(person);
    if (conversation.people.size === 0) this.#byId.delete(id);
  }

  all(): Iterable<ServedConversation> {
    return this.#byId.values();
  }

  ids(): string[] {
    return [...this.#byId.keys()];
  }

  get size(): number {
    return this.#byId.size;
  }
}
