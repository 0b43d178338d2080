import type { BusEventOf } from '@chatapp/contract/events';
import type { Id } from '@chatapp/contract/ids';
import { eventsKey } from '@chatapp/contract/shard';
import { followStream, type StreamEntry, toBusEvent } from '@chatapp/service/event-stream';
import type { Log } from '@chatapp/service/log';
import type { Redis } from 'ioredis';
import { moveActivity } from '../conversations/conversation-store.ts';
import type { Database, Read } from '../database.ts';
import { readPlace, savePlace } from './lease-store.ts';

interface FollowActivityOptions {
  readonly db: Database;
  readonly read: Read;
  /** A connection of its own: it waits in XREAD. */
  readonly redis: Redis;
  readonly log: Log;
}

/** The lease, and the row that keeps the place in the stream. */
export const activityLease = 'activity';

/**
 * Keeps `last_activity_at` of conversations by what messages tells, under the lease until the signal aborts. Its place is in the database: what was
 * said while no instance ran counts too. Doing an entry twice changes nothing, because the instant only grows.
 */
export const followActivity = async (options: FollowActivityOptions, signal: AbortSignal): Promise<void> => {
  const { db, read, redis, log } = options;
  await followStream({
    redis,
    key: eventsKey,
    from: (await read((tx) => readPlace(tx, activityLease))) ?? '0-0',
    signal,
    log,
    onEntries: async (entries) => {
      const latest = latestActivity(entries, log);
      if (latest.size > 0) await moveActivity(db, latest);
      await savePlace(db, activityLease, entries.at(-1)?.id ?? '0-0');
    },
  });
};

/** The last instant of each conversation among the entries. */
const latestActivity = (entries: readonly StreamEntry[], log: Log): Map<Id, Date> => {
  const latest = new Map<Id, Date>();
  for (const event of entries.map((entry) => toBusEvent(entry, log)).filter(isActivity)) {
    const at = new Date(event.data.lastActivityAt);
    const known = event.conversationId ? latest.get(event.conversationId) : undefined;
    if (event.conversationId && (known === undefined || known < at)) latest.set(event.conversationId, at);
  }
  return latest;
};

const isActivity = (event: { type: string } | undefined): event is BusEventOf<'conversation.active'> =>
  event?.type === 'conversation.active';
