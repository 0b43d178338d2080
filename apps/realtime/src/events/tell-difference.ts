import type { Person } from '../connection/people.ts';
import type { Heads } from '../subscriptions/heads.ts';
import type { Difference } from '../subscriptions/memberships.ts';
import { gonePush, listsPush } from './pushes.ts';

export type TellDifference = (person: Person, difference: Difference) => void;

/**
 * Tells a person's sockets what a reading of memberships found that no event told. What was added is told when its position here is known: else a
 * change between the page that a client then loads and the position would reach nobody. One that has not resumed yet reads all of it when it does.
 */
export const createTellDifference =
  (options: {
    readonly heads: Pick<Heads, 'beginAll'>;
    readonly onJoined: (person: Person, conversationId: string) => void;
  }): TellDifference =>
  (person, { added, removed }) => {
    const told = person.connections.filter(({ isSubscribed }) => isSubscribed);
    for (const connection of told) for (const id of removed) connection.send(gonePush(id));
    if (told.length === 0 || added.length === 0) return;
    options.heads.beginAll(added).then(() => {
      for (const connection of told) connection.send(listsPush);
      for (const id of added) if (person.memberships.has(id)) options.onJoined(person, id);
    });
  };
