import type { Id } from '@chatapp/contract/ids';
import { type Clock, systemClock } from '@chatapp/resilience/clock';
import type { Log } from '@chatapp/service/log';
import type { Redis } from 'ioredis';
import type { Database } from '../database.ts';
import type { Bell } from './bell.ts';
import { readPlace, savePlace } from './lease-store.ts';
import {
  deleteOldSent,
  forgetSentOfLastDay,
  isUnsent,
  markSent,
  type OutboxEntry,
  readUnsent,
} from './outbox-store.ts';
import { forgetLastRelayed, readLastRelayed, relayEvents, trimStream, writeLastRelayed } from './stream-store.ts';

interface RelayOptions {
  readonly db: Database;
  readonly redis: Redis;
  /** Rung after each commit of this instance; commits of others are found by polling. */
  readonly bell: Bell;
  readonly log: Log;
  readonly now: () => Date;
  readonly clock?: Clock;
  readonly pollMs?: number;
  readonly batchMax?: number;
}

/** The lease, and the row that keeps the id of the last event. */
export const relayLease = 'relay';

/** What another instance committed reaches every socket within a second: this is the largest single part of that time, and an index's look at no rows. */
const pollEveryMs = 150;
const eventsPerBatch = 500;
const cleanEveryMs = 600_000;
const streamKeptMs = 6 * 86_400_000;

/**
 * Moves events from the outbox to the stream, in order within each conversation, each at least once: appended first, marked after. Runs
 * under the lease until the signal aborts. Redis or the database down: it waits and goes on. Redis wiped: it relays the last day again.
 */
export const relay = async (options: RelayOptions, signal: AbortSignal): Promise<void> => {
  const { log, bell, clock = systemClock, pollMs = pollEveryMs } = options;
  const turn: Turn = { expected: undefined, afterSubject: undefined };
  let failing = false;
  let cleanAt = clock.now();
  while (!signal.aborted) {
    let more = false;
    try {
      more = await relayBatch(options, turn);
      if (failing) log.info('relaying events again');
      failing = false;
      if (!more && clock.now() >= cleanAt) {
        cleanAt = clock.now() + cleanEveryMs;
        await clean(options);
      }
    } catch (error) {
      // One line an outage. What Redis holds is looked at afresh: the append may have happened.
      if (!failing) log.warn({ error }, 'relaying events failed; trying again');
      failing = true;
      turn.expected = undefined;
      more = false;
    }
    if (!more) await bell.wait({ atMostMs: pollMs, clock, signal });
  }
};

interface Turn {
  /** The id that must stand in Redis; undefined: to be found out. */
  expected: { readonly last: string | null } | undefined;
  /** Where the next batch begins, so that a full outbox starves nobody. */
  afterSubject: Id | undefined;
}

/** Relays one batch. Answers whether to go on at once. */
const relayBatch = async (options: RelayOptions, turn: Turn): Promise<boolean> => {
  const { db, redis, now, batchMax = eventsPerBatch } = options;
  turn.expected ??= { last: await lastOrWiped(options) };
  const entries = await readUnsent(db, { afterSubject: turn.afterSubject, limit: batchMax });
  const startedAfter = turn.afterSubject;
  turn.afterSubject = resumeAfter(entries, batchMax);
  const last = entries.at(-1)?.event.id;
  if (last === undefined) {
    if ((await readLastRelayed(redis)) !== turn.expected.last) return lookAgain(turn);
    return startedAfter !== undefined;
  }
  const events = entries.map((entry) => entry.event);
  if (!(await relayEvents(redis, events, turn.expected.last))) return lookAgain(turn);
  await db.transaction(async (tx) => {
    await markSent(tx, entries, now());
    await savePlace(tx, relayLease, last);
  });
  turn.expected = { last };
  return true;
};

/** Redis holds something else than this relay left there: what it is, and what to do about it, is found out at the next turn. */
const lookAgain = (turn: Turn): true => {
  turn.expected = undefined;
  turn.afterSubject = undefined;
  return true;
};

/**
 * A full batch may end in the middle of a subject, whose rest must come next: then the subject before is where to go on.
 * A batch of one subject alone begins there again, which is right: what was sent is no longer unsent.
 */
const resumeAfter = (entries: readonly OutboxEntry[], batchMax: number): Id | undefined => {
  if (entries.length < batchMax) return undefined;
  const lastSubject = entries.at(-1)?.subjectId;
  return entries.findLast((entry) => entry.subjectId !== lastSubject)?.subjectId;
};

/** What Redis must hold at the beginning; where it holds neither that nor a batch whose marking was lost, it was wiped. */
const lastOrWiped = async (options: RelayOptions): Promise<string | null> => {
  const { db, redis } = options;
  const [inDatabase, inRedis] = [await readPlace(db, relayLease), await readLastRelayed(redis)];
  if (inDatabase === inRedis) return inRedis;
  if (inRedis !== null && (await isUnsent(db, inRedis))) return inRedis;
  if (inDatabase === null) return inRedis;
  await relayDayAgain(options, inDatabase);
  return inDatabase;
};

/**
 * In steps, each short of a statement's time limit. Half of a day would break the order: without its mark Redis takes nothing until all is unsent, and who
 * is interrupted begins anew.
 */
const relayDayAgain = async (
  { db, redis, log, now, batchMax = eventsPerBatch }: RelayOptions,
  place: string,
): Promise<void> => {
  await forgetLastRelayed(redis);
  let events = 0;
  let step: number;
  do {
    step = await forgetSentOfLastDay(db, { now: now(), limit: batchMax });
    events += step;
  } while (step > 0);
  await writeLastRelayed(redis, place);
  log.warn({ events }, 'Redis lost the event stream; relaying the last day again');
};

const clean = async ({ db, redis, now, log }: RelayOptions): Promise<void> => {
  let deleted: number;
  do deleted = await deleteOldSent(db, { now: now(), limit: 2000 });
  while (deleted > 0);
  await trimStream(redis, new Date(now().getTime() - streamKeptMs)).catch((error) =>
    log.debug({ error }, 'this Redis does not trim streams'),
  );
};
