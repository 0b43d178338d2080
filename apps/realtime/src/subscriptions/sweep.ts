import type { Clock } from '@chatapp/resilience/clock';
import type { Log } from '@chatapp/service/log';
import type { People, Person } from '../connection/people.ts';
import type { TellDifference } from '../events/tell-difference.ts';
import type { PersonConversations } from './memberships.ts';

export interface SweepOptions {
  readonly people: People;
  readonly conversations: Pick<PersonConversations, 'read'>;
  readonly tell: TellDifference;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Sweep {
  /** Reads a person's memberships again, at the next tick. */
  soon(person: Person): void;
  /** Those of some people, now. */
  now(people: readonly Person[]): void;
  /** Everybody's. */
  all(): void;
  /** Every second. */
  tick(): Promise<void>;
}

/** Events tell of a removal within a second; this is for what they did not tell. */
const backstopMs = 60_000;
/** Readings a second: thousands of people are spread over the time. */
const atOnceMax = 200;

/** Reads memberships again and makes them true: the backstop behind events. */
export const createSweep = (options: SweepOptions): Sweep => {
  const { people, conversations, clock } = options;
  const asked = new Set<Person>();

  const isDue = ({ membershipsReadAt }: Person): boolean => {
    // Before the first resume there is nothing to make true.
    return membershipsReadAt > 0 && clock.now() - membershipsReadAt > backstopMs;
  };

  const reread = async (person: Person) => {
    if (person.connections.length === 0) return;
    options.tell(person, await conversations.read(person));
  };

  const doubt = (person: Person) => {
    if (person.membershipsReadAt === 0) return;
    person.doubtedAt = clock.now();
    asked.add(person);
  };

  return {
    soon: doubt,
    now(some) {
      for (const person of some) {
        if (person.membershipsReadAt === 0) continue;
        person.doubtedAt = clock.now();
        reread(person).catch(() => doubt(person));
      }
    },
    all() {
      for (const person of people.all()) doubt(person);
    },
    async tick() {
      for (const person of people.all()) if (isDue(person)) asked.add(person);
      const now = [...asked].slice(0, atOnceMax);
      for (const person of now) asked.delete(person);
      const results = await Promise.allSettled(now.map(reread));
      const failed = now.filter((_, index) => results[index]?.status === 'rejected');
      for (const person of failed) asked.add(person);
      if (failed.length > 0) options.log.warn({ people: failed.length }, 'memberships cannot be read now');
    },
  };
};
