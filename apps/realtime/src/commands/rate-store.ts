import type { Redis } from 'ioredis';

/** Counts of one minute, kept a little longer than it. */
const keptMs = 70_000;

/** Adds commands of persons, or in conversations, to the count of a minute over all nodes; answers the new counts. Rejects when Redis does not answer. */
export const addToCounts = async (
  redis: Redis,
  { name, minute }: { name: 'person' | 'conversation'; minute: number },
  counts: ReadonlyMap<string, number>,
): Promise<Map<string, number>> => {
  const totals = await Promise.all(
    [...counts].map(async ([id, count]) => {
      const key = `limit:realtime:${name}:${id}:${minute}`;
      const [total] = await Promise.all([redis.incrby(key, count), redis.pexpire(key, keptMs)]);
      return [id, total] as const;
    }),
  );
  return new Map(totals);
};
