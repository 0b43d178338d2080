import type { BusEvent } from '@chatapp/contract/events';
import { eventsKey } from '@chatapp/contract/shard';
import type { Redis } from 'ioredis';

/**
 * The id of the event that was relayed last: it stands beside the stream, in the same slot of a Redis Cluster, and is lost together with it.
 */
export const lastKey = `relay:{${eventsKey}}`;

export const readLastRelayed = (redis: Redis): Promise<string | null> => redis.get(lastKey);

export const writeLastRelayed = async (redis: Redis, eventId: string): Promise<void> => {
  await redis.set(lastKey, eventId);
};

/** After this nothing is appended until the last one is noted anew. */
export const forgetLastRelayed = async (redis: Redis): Promise<void> => {
  await redis.del(lastKey);
};

// One step, so that nothing comes between the look and the appending: neither a wipe, whose events must come first, nor another relay.
const appendAfter = `
if (redis.call('GET', KEYS[2]) or '') ~= ARGV[1] then return 0 end
for index = 3, #ARGV do redis.call('XADD', KEYS[1], '*', 'event', ARGV[index]) end
redis.call('SET', KEYS[2], ARGV[2])
return 1`;

/**
 * Appends events in order and notes the last one, if what was noted before is `lastBefore` (null: nothing). False where it is not, and nothing
 * was appended: Redis was wiped or went back in time, or another relay appended.
 */
export const relayEvents = async (
  redis: Redis,
  events: readonly BusEvent[],
  lastBefore: string | null,
): Promise<boolean> => {
  const texts = events.map((event) => JSON.stringify(event));
  const last = events.at(-1)?.id ?? '';
  return (await redis.eval(appendAfter, 2, eventsKey, lastKey, lastBefore ?? '', last, ...texts)) === 1;
};

/** Forgets entries older than `before`, to the last one: they hold names, and a quiet stream would keep a hundred of them for ever. */
export const trimStream = async (redis: Redis, before: Date): Promise<void> => {
  await redis.xtrim(eventsKey, 'MINID', before.getTime());
};
