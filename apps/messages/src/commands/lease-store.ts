import { answersOf } from '@chatapp/service/redis';
import type { Redis } from 'ioredis';

const keyOf = (name: string): string => `lease:${name}`;

const renewScript = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0`;
const releaseScript = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`;

const inheritScript = `local held = redis.call('get', KEYS[1])
if held and held ~= ARGV[1] and string.sub(held, 1, #ARGV[2]) == ARGV[2] then redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[3]) return 1 end return 0`;

export interface Holder {
  readonly redis: Redis;
  readonly instance: string;
  /** A beginning of `instance` that only one living process has at a time (its host and port): whoever else had it is dead. */
  readonly seat?: string | undefined;
  readonly leaseMs: number;
  /** Those who share the same names; `shards` by default. */
  readonly group?: string;
}

const instancesKey = ({ group = 'shards' }: Holder): string => `lease:instances:${group}`;
const countKey = (group = 'shards'): string => `lease:count:${group}`;
/** Longer than an instance takes to start anew. */
const countKeptSeconds = 60;

export const isFree = async ({ redis }: Holder, name: string): Promise<boolean> =>
  (await redis.exists(keyOf(name))) === 0;

/** Whether the lease was free and is now the holder's. */
export const takeLease = async ({ redis, instance, leaseMs }: Holder, name: string): Promise<boolean> =>
  (await redis.set(keyOf(name), instance, 'PX', leaseMs, 'NX')) === 'OK';

/** Whether the lease was that of a dead process in the holder's seat, and is now the holder's. */
export const inheritLease = async (
  { redis, instance, leaseMs }: Holder,
  seat: string,
  name: string,
): Promise<boolean> => Number(await redis.eval(inheritScript, 1, keyOf(name), instance, seat, String(leaseMs))) === 1;

/** Forgets the dead who sat in the holder's seat: a share is counted by the living. */
export const forgetDead = async (holder: Holder, seat: string): Promise<void> => {
  const { redis, instance } = holder;
  const members = await redis.zrange(instancesKey(holder), '0', '-1');
  const dead = members.filter((member) => member !== instance && member.startsWith(seat));
  if (dead.length > 0) await redis.zrem(instancesKey(holder), ...dead);
};

/** Whether the lease was still the holder's and is so for another term. */
export const renewLease = async ({ redis, instance, leaseMs }: Holder, name: string): Promise<boolean> =>
  Number(await redis.eval(renewScript, 1, keyOf(name), instance, leaseMs)) === 1;

export const releaseLease = async ({ redis, instance }: Holder, name: string): Promise<void> => {
  await redis.eval(releaseScript, 1, keyOf(name), instance);
};

/** Says that the holder lives and how many names it shares, and answers which instances live; by the clock of Redis, so that theirs may differ. */
export const livingInstances = async (holder: Holder, names: number): Promise<string[]> => {
  const { redis, instance, leaseMs } = holder;
  const [seconds, micros] = await redis.time();
  const now = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
  const pipeline = redis
    .pipeline()
    .set(countKey(holder.group), names, 'EX', countKeptSeconds)
    .zadd(instancesKey(holder), now, instance)
    .zremrangebyscore(instancesKey(holder), '-inf', now - leaseMs)
    .zrange(instancesKey(holder), '0', '-1');
  return (await answersOf<string[]>(pipeline)).at(-1) ?? [];
};

export const leaveInstances = async (holder: Holder): Promise<void> => {
  await holder.redis.zrem(instancesKey(holder), holder.instance);
};

/** SHARDS of messages, which holds it against its database before it says so; undefined where none of its instances said so lately. */
export const readShards = async (redis: Redis): Promise<number | undefined> => {
  const count = await redis.get(countKey());
  return count === null ? undefined : Number(count);
};
