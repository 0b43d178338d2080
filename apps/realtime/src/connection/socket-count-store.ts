import type { Clock } from '@chatapp/resilience/clock';
import type { Redis } from 'ioredis';
import { createGather } from '../gather.ts';

const keptSeconds = 86_400;

const keyOf = (userId: string): string => `limit:realtime:sockets:${userId}`;

/** How many sockets people have, by node. Many are noted, or read, with one write to Redis. */
export interface SocketCounts {
  /** Notes how many a person has on this node now; `count` is asked when it is written. Rejects when Redis does not answer. */
  note(userId: string, count: () => number): Promise<void>;
  /** How many a person has on each node, dead ones too. Rejects when Redis does not answer. */
  read(userId: string): Promise<ReadonlyMap<string, number>>;
}

export const createSocketCounts = (redis: Redis, nodeId: string, clock: Clock): SocketCounts => {
  const write = async (userId: string, count: number) => {
    const key = keyOf(userId);
    if (count === 0) await redis.hdel(key, nodeId);
    else await Promise.all([redis.hset(key, nodeId, count), redis.expire(key, keptSeconds)]);
  };
  const notes = createGather({
    keyOf: ({ userId }: { userId: string; count: () => number }) => userId,
    fetch: async (asks) => void (await Promise.all(asks.map(({ userId, count }) => write(userId, count())))),
    clock,
  });
  const readings = createGather({
    keyOf: (userId: string) => userId,
    async fetch(userIds) {
      const counts = await Promise.all(userIds.map((userId) => redis.hgetall(keyOf(userId))));
      return new Map(userIds.map((userId, place) => [userId, counts[place] ?? {}]));
    },
    clock,
  });
  return {
    note: (userId, count) => notes([{ userId, count }]),
    async read(userId) {
      const counts = (await readings([userId])).get(userId) ?? {};
      return new Map(Object.entries(counts).map(([node, count]) => [node, Number(count)]));
    },
  };
};
