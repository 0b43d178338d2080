import type { Redis } from 'ioredis';

const keptMs = 70_000;

/** Counts one command of a person in a minute; answers how many there were on all instances. */
export const countCommand = async (redis: Redis, userId: string, minute: number): Promise<number> => {
  const key = `limit:messages:${userId}:${minute}`;
  const [sum] = await Promise.all([redis.incr(key), redis.pexpire(key, keptMs)]);
  return sum;
};
