import type { Clock } from '@chatapp/resilience/clock';
import { answersOf } from '@chatapp/service/redis';
import type { Redis } from 'ioredis';
import { createGather } from '../gather.ts';

const keptSeconds = 86_400;
/** Nobody waits for a note, and of a person who comes and goes only the last one counts. */
const notePaceMs = 50;
/** A handshake may take a moment longer when many come at once. */
const readPaceMs = 10;

const keyOf = (userId: string): string => `limit:realtime:sockets:${userId}`;

/** How many sockets people have, by node. Many are noted, or read, with one write to Redis. */
export interface SocketCounts {
  /** Notes how many a person has on this node now; `count` is asked when it is written. Rejects when Redis does not answer. */
  note(userId: string, count: () => number): Promise<void>;
  /** How many a person has on each node, dead ones too. Rejects when Redis does not answer. */
  read(userId: string): Promise<ReadonlyMap<string, number>>;
}

export const createSocketCounts = (redis: Redis, nodeId: string, clock: Clock): SocketCounts => {
  const write = async (counts: readonly { readonly userId: string; readonly count: number }[]) => {
    const writes = redis.pipeline();
    for (const { userId, count } of counts) {
      if (count === 0) writes.hdel(keyOf(userId), nodeId);
      else writes.hset(keyOf(userId), nodeId, count);
    }
    const answers = await answersOf<number>(writes);
    // Where there was no count of this node the key may be a new one.
    const added = counts.filter(({ count }, place) => count > 0 && answers[place] === 1);
    if (added.length === 0) return;
    const expiries = redis.pipeline();
    for (const { userId } of added) expiries.expire(keyOf(userId), keptSeconds);
    await answersOf(expiries);
  };
  const notes = createGather({
    keyOf: ({ userId }: { userId: string; count: () => number }) => userId,
    fetch: (asks) => write(asks.map(({ userId, count }) => ({ userId, count: count() }))),
    clock,
    paceMs: notePaceMs,
  });
  const readings = createGather({
    keyOf: (userId: string) => userId,
    async fetch(userIds) {
      const pipeline = redis.pipeline();
      for (const userId of userIds) pipeline.hgetall(keyOf(userId));
      const counts = await answersOf<Record<string, string>>(pipeline);
      return new Map(userIds.map((userId, place) => [userId, counts[place] ?? {}]));
    },
    clock,
    paceMs: readPaceMs,
  });
  return {
    note: (userId, count) => notes([{ userId, count }]),
    async read(userId) {
      const counts = (await readings([userId])).get(userId) ?? {};
      return new Map(Object.entries(counts).map(([node, count]) => [node, Number(count)]));
    },
  };
};
