import type { Redis } from 'ioredis';

const keptMs = 70_000;

/** Counts one command of a person, or in a conversation, in a minute; answers how many there were on all instances. */
export const countCommand = async (
  redis: Redis,
  { name, id, minute }: { name: 'person' | 'conversation'; id: string; minute: number },
): Promise<number> => {
  const key = `limit:messages:${name}:${id}:${minute}`;
  const [sum] = await Promise.all([redis.incr(key), redis.pexpire(key, keptMs)]);
  return sum;
};
