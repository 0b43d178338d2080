import type { Redis } from 'ioredis';
import type { Sql } from 'postgres';
import type { Announcer } from '../commands/announcer.ts';
import { dropDead, listDead } from '../commands/dead-letter-store.ts';
import type { SaveBatch } from '../commands/save-batch.ts';
import type { Task } from '../commands/task.ts';
import { type Departure, endDeparture, readReactionsOf, readTextsOf } from './departure-store.ts';

export interface ErasePersonOptions {
  readonly sql: Sql;
  readonly redis: Redis;
  readonly save: SaveBatch;
  readonly announcer: Announcer;
  /** Ms since the epoch. */
  readonly now: () => number;
}

/** Tasks of one transaction. */
const tasksAtOnce = 200;

/**
 * What a person may still have written when it was heard that their account is gone counts as theirs, for as long as an answer about access is kept; what comes
 * later is of somebody who signed in anew.
 */
const lateMs = 60_000;
/** So long it is looked for: what waited in a stream is saved by then, or refused because they left. */
const watchedMs = 2 * lateMs;

/**
 * Makes tombstones of all that a person wrote and takes their reactions back, each as a change with its `rev`, so that every client that has a text drops it.
 * Begun again after a crash it goes on. The last look, two minutes after it was heard of, forgets their markers and ends it.
 */
export const erasePerson = async (options: ErasePersonOptions, departure: Departure): Promise<void> => {
  const { sql, redis, save, announcer, now } = options;
  const { userId } = departure;
  const heardAt = Date.parse(departure.at);
  const before = new Date(heardAt + lateMs);
  await dropLettersOf(redis, userId);
  for (;;) {
    const [texts, reactions] = await Promise.all([
      readTextsOf(sql, userId, before, tasksAtOnce),
      readReactionsOf(sql, userId, before, tasksAtOnce),
    ]);
    const by = { actorId: userId, at: now(), role: 'member', version: whateverWasLost, origin: null } as const;
    const tasks: Task[] = [
      ...texts.map((one) => ({ ...by, ...one, op: 'delete' as const, clientId: crypto.randomUUID() })),
      ...reactions.map((one) => ({ ...by, ...one, op: 'react' as const, on: false, clientId: crypto.randomUUID() })),
    ];
    if (tasks.length === 0) break;
    const outcomes = await save(tasks);
    await announcer.announce(outcomes);
    // Erased by somebody else meanwhile: what is left is looked at again later.
    if (!outcomes.some(({ kind }) => kind === 'saved')) return;
  }
  if (now() > heardAt + watchedMs) await endDeparture(sql, departure);
};

/** They have left every conversation: no loss of a right may stand in the way. */
const whateverWasLost = Number.MAX_SAFE_INTEGER;

/** Commands of theirs that were set aside hold their words. */
const dropLettersOf = async (redis: Redis, userId: string): Promise<void> => {
  for (const { id, payload } of await listDead(redis, 'commands')) {
    if (actorOf(payload) === userId) await dropDead(redis, 'commands', id);
  }
};

const actorOf = (payload: string): unknown => {
  try {
    return (JSON.parse(payload) as { actorId?: unknown } | null)?.actorId;
  } catch {
    return undefined;
  }
};
