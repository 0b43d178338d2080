import type { Redis } from 'ioredis';
import { seatOf } from '../node-id.ts';

export type Status = 'online' | 'away';

/** Redis keys: who is on which node with what status, and when each node last showed that it lives. */
const nodesKey = 'presence:nodes';
const peopleKey = (nodeId: string): string => `presence:${nodeId}`;
/** All nodes hear this one. */
export const presenceChannel = 'presence:notes';
/** Answers to one node's questions. */
export const presenceAnswers = (nodeId: string): string => `presence:answers:${nodeId}`;

/** A node that has not shown itself for this long is dead. */
const deadAfterMs = 30_000;
/** A node's list outlives it by enough for another one to find it. */
const keptSeconds = 300;

/** What presence keeps in Redis. Every call rejects when Redis does not answer. */
export const createPresenceStore = (redis: Redis, nodeId: string) => {
  const redisNow = async (): Promise<number> => {
    const [seconds, micros] = await redis.time();
    return Number(seconds) * 1000 + Number(micros) / 1000;
  };
  const liveNodes = async (): Promise<string[]> =>
    await redis.zrangebyscore(nodesKey, (await redisNow()) - deadAfterMs, '+inf');

  return {
    /** The one that was heard of last at the end. */
    liveNodes,
    /** Shows that this node lives; answers false where Redis had forgotten it. */
    async beat(): Promise<boolean> {
      const now = await redisNow();
      const [known] = await Promise.all([
        redis.zscore(nodesKey, nodeId),
        redis.zadd(nodesKey, now, nodeId),
        redis.expire(peopleKey(nodeId), keptSeconds),
      ]);
      return known !== null;
    },
    async set(statuses: ReadonlyMap<string, Status>): Promise<void> {
      // The next beat lets the list expire.
      if (statuses.size > 0) await redis.hset(peopleKey(nodeId), statuses);
    },
    async remove(userIds: readonly string[]): Promise<void> {
      await redis.hdel(peopleKey(nodeId), ...userIds);
    },
    /** The statuses of people on the given nodes. */
    async statusesOn(nodes: readonly string[], userIds: readonly string[]): Promise<Map<string, Status[]>> {
      const lists = await Promise.all(nodes.map((node) => redis.hmget(peopleKey(node), ...userIds)));
      return new Map(
        userIds.map((userId, place) => {
          const statuses = lists.map((list) => list[place]);
          return [userId, statuses.filter((status) => status === 'online' || status === 'away')];
        }),
      );
    },
    /** Takes over the lists of nodes that died; each is given to one caller only. */
    async takeDead(): Promise<string[]> {
      const dead = await redis.zrangebyscore(nodesKey, '-inf', (await redisNow()) - deadAfterMs);
      const people = await Promise.all(
        dead.map(async (node) => {
          if ((await redis.zrem(nodesKey, node)) !== 1) return [];
          const userIds = await redis.hkeys(peopleKey(node));
          await redis.del(peopleKey(node));
          return userIds;
        }),
      );
      return people.flat();
    },
    /** This node ends: its people count as here for the grace, then another node takes them over. */
    async retire(graceMs: number): Promise<void> {
      await redis.zadd(nodesKey, 'XX', (await redisNow()) - deadAfterMs + graceMs, nodeId);
    },
    /** The processes that had this node's seat are dead, though they showed themselves a moment ago: their grace begins, unless it has. */
    async retireDead(graceMs: number): Promise<void> {
      const until = (await redisNow()) - deadAfterMs + graceMs;
      const nodes = await redis.zrangebyscore(nodesKey, until, '+inf');
      const dead = nodes.filter((node) => node !== nodeId && seatOf(node) === seatOf(nodeId));
      if (dead.length > 0) await redis.zadd(nodesKey, 'XX', ...dead.flatMap((node) => [until, node]));
    },
    async publish(channel: string, text: string): Promise<void> {
      await redis.publish(channel, text);
    },
  };
};

export type PresenceStore = ReturnType<typeof createPresenceStore>;
