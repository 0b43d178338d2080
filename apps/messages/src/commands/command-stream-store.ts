import { commandsKey } from '@chatapp/contract/shard';
import { type StreamEntry, toEntries } from '@chatapp/service/event-stream';
import type { Redis } from 'ioredis';

export interface ShardEntries {
  readonly shard: number;
  readonly entries: readonly StreamEntry[];
}

/** How long the answer of a blocking read may be late before its connection is taken for dead. */
const lateMaxMs = 5000;

/** Waits up to `blockMs` for entries after each shard's place. Rejects where the connection breaks or Redis does not answer in time. */
export const readCommands = async (
  redis: Redis,
  places: ReadonlyMap<number, string>,
  options: { readonly count: number; readonly blockMs: number },
): Promise<ShardEntries[]> => {
  const shards = [...places.keys()];
  const byKey = new Map(shards.map((shard) => [commandsKey(shard), shard]));
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new Error('Redis does not answer a blocking read'));
    redis.disconnect(true);
  }, options.blockMs + lateMaxMs);
  try {
    const read = redis.xread(
      'COUNT',
      options.count,
      'BLOCK',
      options.blockMs,
      'STREAMS',
      ...byKey.keys(),
      ...shards.map((shard) => places.get(shard) ?? '0-0'),
    );
    const answer = await Promise.race([read, late.promise]);
    return (answer ?? []).flatMap(([key, raw]) => {
      const shard = byKey.get(key);
      return shard === undefined ? [] : [{ shard, entries: toEntries(raw) }];
    });
  } finally {
    clearTimeout(timer);
    late.promise.catch(() => undefined);
  }
};

/** Takes settled entries off their streams. */
export const deleteEntries = async (redis: Redis, read: readonly ShardEntries[]): Promise<void> => {
  const pipeline = redis.pipeline();
  for (const { shard, entries } of read) {
    if (entries.length > 0) pipeline.xdel(commandsKey(shard), ...entries.map(({ id }) => id));
  }
  const failed = (await pipeline.exec())?.find(([error]) => error)?.[0];
  if (failed) throw failed;
};

export const addCommands = (redis: Redis, shard: number, commands: readonly unknown[]): Promise<string | null> =>
  redis.xadd(commandsKey(shard), '*', 'v', '1', 'commands', JSON.stringify(commands));

export const streamLength = (redis: Redis, shard: number): Promise<number> => redis.xlen(commandsKey(shard));
