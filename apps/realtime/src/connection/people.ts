import type { Role } from '@chatapp/contract/roles';
import { type Connection, takeOut } from './connection.ts';

export interface Membership {
  readonly role: Role;
  readonly version: number;
  /** Where conversations told it. */
  readonly memberCount?: number;
}

/** A person with at least one socket here. `memberships` are those of the last resume, kept up by events. */
export class Person {
  /** At most `socketsPerPersonMax`, so a list: of ten thousand idle people a set each is what memory is spent on. */
  readonly connections: Connection[] = [];
  readonly memberships = new Map<string, Membership>();
  /** When the memberships were asked for that are known, ms on the clock; 0 before the first resume. */
  membershipsReadAt = 0;
  /** When something last said that they may be others now. */
  doubtedAt = 0;

  constructor(readonly id: string) {}

  /** Sends a frame to each socket of the person on this node. */
  send(frame: string): void {
    for (const connection of this.connections) connection.send(frame);
  }
}

/** Who is here, and every open connection. */
export class People {
  readonly #people = new Map<string, Person>();
  readonly #connections = new Map<string, Connection>();

  /** The person, made where there is none. Does not keep them: `add` does. */
  personOf(userId: string): Person {
    return this.#people.get(userId) ?? new Person(userId);
  }

  person(userId: string): Person | undefined {
    return this.#people.get(userId);
  }

  connection(id: string): Connection | undefined {
    return this.#connections.get(id);
  }

  add(connection: Connection): void {
    const { person } = connection;
    this.#people.set(person.id, person);
    person.connections.push(connection);
    this.#connections.set(connection.id, connection);
  }

  /** Answers whether it was the person's last one here. */
  remove(connection: Connection): boolean {
    const { person } = connection;
    this.#connections.delete(connection.id);
    takeOut(person.connections, connection);
    if (person.connections.length > 0) return false;
    this.#people.delete(person.id);
    return true;
  }

  all(): Iterable<Person> {
    return this.#people.values();
  }

  connections(): Iterable<Connection> {
    return this.#connections.values();
  }

  get connectionCount(): number {
    return this.#connections.size;
  }
}
