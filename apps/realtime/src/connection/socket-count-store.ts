import type { Redis } from 'ioredis';

const keptSeconds = 86_400;

const keyOf = (userId: string): string => `limit:realtime:sockets:${userId}`;

/** Notes how many sockets a person has on this node. Rejects when Redis does not answer. */
export const noteSocketCount = async (redis: Redis, nodeId: string, userId: string, count: number): Promise<void> => {
  const key = keyOf(userId);
  if (count === 0) await redis.hdel(key, nodeId);
  else await Promise.all([redis.hset(key, nodeId, count), redis.expire(key, keptSeconds)]);
};

/** How many sockets a person has on each node, dead ones too. Rejects when Redis does not answer. */
export const readSocketCounts = async (redis: Redis, userId: string): Promise<Map<string, number>> =>
  new Map(Object.entries(await redis.hgetall(keyOf(userId))).map(([node, count]) => [node, Number(count)]));
