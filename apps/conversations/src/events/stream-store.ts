import type { BusEvent } from '@chatapp/contract/events';
import { eventsKey } from '@chatapp/contract/shard';
import { appendEvents } from '@chatapp/service/event-stream';
import type { Redis } from 'ioredis';

/** The id of the event that was relayed last: it stands beside the stream and is lost together with it. */
const lastKey = 'relay:last';

export const readLastRelayed = (redis: Redis): Promise<string | null> => redis.get(lastKey);

export const writeLastRelayed = async (redis: Redis, eventId: string): Promise<void> => {
  await redis.set(lastKey, eventId);
};

/**
 * Appends events in order and notes the last one. Answers what was noted before: swapped after the appending, so that a Redis that was wiped
 * at any moment since the last call shows. (Two keys: no transaction, which Redis Cluster would refuse.)
 */
export const relayEvents = async (
  redis: Redis,
  events: readonly BusEvent[],
): Promise<{ lastBefore: string | null }> => {
  await appendEvents(redis, events);
  return { lastBefore: await redis.getset(lastKey, events.at(-1)?.id ?? '') };
};

/** Forgets entries older than `before`, roughly (whole nodes of the stream). */
export const trimStream = async (redis: Redis, before: Date): Promise<void> => {
  await redis.xtrim(eventsKey, 'MINID', '~', before.getTime());
};
