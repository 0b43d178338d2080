import type { BusEvent } from '@chatapp/contract/events';
import type { Id } from '@chatapp/contract/ids';
import { chunks } from '@chatapp/service/chunks';
import { and, asc, eq, gt, inArray, isNull, sql } from 'drizzle-orm';
import { insertMax, type Queryable, type Transaction } from '../database.ts';
import { outbox } from '../tables.ts';

/** Where an event stands: the conversation or the user that it is about, and its number there. */
interface OutboxKey {
  readonly subjectId: Id;
  readonly ordinal: number;
}
export interface OutboxEntry extends OutboxKey {
  readonly event: BusEvent;
}

/**
 * Adds the events of a subject whose row is locked by this transaction. `firstOrdinal` continues that row's `event_count`, so what
 * commits later has the higher number.
 */
export const appendToOutbox = async (
  tx: Transaction,
  { subjectId, firstOrdinal, events }: { subjectId: Id; firstOrdinal: number; events: readonly BusEvent[] },
): Promise<void> => {
  const rows = events.map((event, index) => ({
    subjectId,
    ordinal: firstOrdinal + index,
    eventId: event.id,
    event: JSON.stringify(event),
  }));
  for (const chunk of chunks(rows, insertMax)) await tx.insert(outbox).values(chunk);
};

/**
 * Events that nobody relayed, in order within each subject, those of subjects after `afterSubject`. Not "after the last one": a number may
 * become visible after a higher one of another subject.
 */
export const readUnsent = async (
  db: Queryable,
  { afterSubject, limit }: { afterSubject: Id | undefined; limit: number },
): Promise<OutboxEntry[]> => {
  const rows = await db
    .select({ subjectId: outbox.subjectId, ordinal: outbox.ordinal, event: outbox.event })
    .from(outbox)
    .where(and(isNull(outbox.sentHour), afterSubject ? gt(outbox.subjectId, afterSubject) : undefined))
    .orderBy(asc(outbox.subjectId), asc(outbox.ordinal))
    .limit(limit);
  return rows.map((row) => ({ ...row, event: JSON.parse(row.event) as BusEvent }));
};

export const isUnsent = async (db: Queryable, eventId: Id): Promise<boolean> => {
  const rows = await db
    .select({ ordinal: outbox.ordinal })
    .from(outbox)
    .where(and(isNull(outbox.sentHour), eq(outbox.eventId, eventId)))
    .limit(1);
  return rows.length > 0;
};

export const markSent = async (db: Queryable, keys: readonly OutboxKey[], at: Date): Promise<void> => {
  const subjects = sql.param(keys.map((key) => key.subjectId));
  const ordinals = sql.param(keys.map((key) => key.ordinal));
  await db
    .update(outbox)
    .set({ sentHour: hourOf(at) })
    .where(
      sql`(${outbox.subjectId}, ${outbox.ordinal}) IN (SELECT * FROM unnest(${subjects}::uuid[], ${ordinals}::bigint[]))`,
    );
};

/** Makes up to `limit` events unsent again that were relayed in the last day. Answers how many. */
export const forgetSentOfLastDay = async (
  db: Queryable,
  { now, limit }: { now: Date; limit: number },
): Promise<number> => {
  const sent = db
    .select({ subjectId: outbox.subjectId, ordinal: outbox.ordinal })
    .from(outbox)
    .where(inArray(outbox.sentHour, hours(hourOf(now) - keptHours, hourOf(now))))
    .limit(limit);
  const rows = await db
    .update(outbox)
    .set({ sentHour: null })
    .where(sql`(${outbox.subjectId}, ${outbox.ordinal}) IN (${sent})`)
    .returning({ ordinal: outbox.ordinal });
  return rows.length;
};

/** Deletes up to `limit` events that were relayed more than a day ago. Answers how many. */
export const deleteOldSent = async (db: Queryable, { now, limit }: { now: Date; limit: number }): Promise<number> => {
  const newest = hourOf(now) - keptHours - 1;
  const old = db
    .select({ subjectId: outbox.subjectId, ordinal: outbox.ordinal })
    .from(outbox)
    .where(inArray(outbox.sentHour, hours(newest - lookBackHours, newest)))
    .limit(limit);
  const rows = await db
    .delete(outbox)
    .where(sql`(${outbox.subjectId}, ${outbox.ordinal}) IN (${old})`)
    .returning({ ordinal: outbox.ordinal });
  return rows.length;
};

const keptHours = 24;
// A month of standstill is still cleaned up.
const lookBackHours = 744;
const hourOf = (at: Date): number => Math.floor(at.getTime() / 3_600_000);
/** A list, because the index begins with a hash of the hour in YugabyteDB: it finds equals, not ranges. */
const hours = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);
