import { changesChannel, commandsKey } from '@chatapp/contract/shard';
import type { Redis } from 'ioredis';

/** What faults do to Redis, and ask of it. */

const shards = 16;
const shardNumbers = Array.from({ length: shards }, (_, shard) => shard);

/** Entries in all command streams. */
export const waitingCommands = async (redis: Redis): Promise<number> => {
  const lengths = await Promise.all(shardNumbers.map((shard) => redis.xlen(commandsKey(shard))));
  return lengths.reduce((sum, length) => sum + length, 0);
};

/** The last entry of each command stream that holds any. */
export const lastCommands = async (redis: Redis): Promise<ReadonlyMap<number, string>> => {
  const last = await Promise.all(
    shardNumbers.map((shard) => redis.xrevrange(commandsKey(shard), '+', '-', 'COUNT', 1)),
  );
  return new Map(last.flatMap(([entry], shard) => (entry === undefined ? [] : [[shard, entry[0]] as const])));
};

/** Entries that wait still, up to these. */
export const waitingUpTo = async (redis: Redis, last: ReadonlyMap<number, string>): Promise<number> => {
  const waiting = await Promise.all(Array.from(last, ([shard, id]) => redis.xrange(commandsKey(shard), '-', id)));
  return waiting.reduce((sum, { length }) => sum + length, 0);
};

/** Puts an entry into a command stream as a realtime node would, whatever its fields. */
export const addEntry = async (
  redis: Redis,
  shard: number,
  fields: Readonly<Record<string, string>>,
): Promise<void> => {
  await redis.xadd(commandsKey(shard), '*', ...Object.entries(fields).flat());
};

/** The ids of all connections that are subscribed to something. */
export const subscribers = async (redis: Redis): Promise<ReadonlySet<string>> => {
  const clients = String(await redis.client('LIST', 'TYPE', 'PUBSUB'));
  return new Set(Array.from(clients.matchAll(/^id=(\d+)/gm), ([, id = '']) => id));
};

/** Entries of the stream of events. */
export const eventEntries = (redis: Redis): Promise<number> => redis.xlen('events');

export const redisBytes = async (redis: Redis): Promise<number> =>
  Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1] ?? 0);

/** Deletes every session that the BFFs keep; answers how many. */
export const forgetSessions = async (redis: Redis): Promise<number> => {
  const keys = await redis.keys('session:*');
  return keys.length === 0 ? 0 : await redis.del(...keys);
};

export const deadCommands = (redis: Redis): Promise<number> => redis.xlen('dead:commands');

/** Adds a share of all entries of the command streams once more, until stopped; answers how many. */
export const repeatCommands = (redis: Redis, share: number, random: () => number): { stop(): Promise<number> } => {
  const reader = redis.duplicate();
  let repeated = 0;
  let stopped = false;
  const follow = async () => {
    const places = new Map(shardNumbers.map((shard) => [commandsKey(shard), '$']));
    while (!stopped) {
      const answer = await reader.xread('BLOCK', 200, 'STREAMS', ...places.keys(), ...places.values());
      for (const [key, entries] of answer ?? [])
        for (const [id, fields] of entries) {
          places.set(key, id);
          // Our own additions come by here too; a share below one lets them die out.
          if (!fields || random() >= share) continue;
          await redis.xadd(key, '*', ...fields);
          repeated++;
        }
    }
  };
  const following = follow();
  return {
    async stop() {
      stopped = true;
      await following;
      reader.disconnect();
      return repeated;
    },
  };
};

/** Publishes a share of all changes once more, a little later, until stopped; answers how many. */
export const repeatChanges = (redis: Redis, share: number, random: () => number): { stop(): Promise<number> } => {
  const subscriber = redis.duplicate();
  let repeated = 0;
  subscriber.on('message', (channel: string, payload: string) => {
    if (random() >= share) return;
    repeated++;
    setTimeout(() => void redis.publish(channel, payload), 50 * random());
  });
  const subscribed = subscriber.subscribe(...shardNumbers.map(changesChannel));
  return {
    async stop() {
      await subscribed;
      subscriber.disconnect();
      return repeated;
    },
  };
};
