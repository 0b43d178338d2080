import { commandsKey } from '@chatapp/contract/shard';
import { blockingAnswer } from '@chatapp/service/blocking-answer';
import { type StreamEntry, toEntries } from '@chatapp/service/event-stream';
import type { Redis } from 'ioredis';

export interface ShardEntries {
  readonly shard: number;
  readonly entries: readonly StreamEntry[];
}

/** How much later than agreed Redis may answer. */
const lateMaxMs = 3000;

/** Waits up to `blockMs` for entries after each shard's place. Rejects where the connection breaks, Redis does not answer in time, or the signal aborts. */
export const readCommands = async (
  redis: Redis,
  places: ReadonlyMap<number, string>,
  options: { readonly count: number; readonly blockMs: number; readonly signal: AbortSignal },
): Promise<ShardEntries[]> => {
  const { count, blockMs, signal } = options;
  const byKey = new Map(Array.from(places.keys(), (shard) => [commandsKey(shard), shard]));
  const read = () => redis.xread('COUNT', count, 'BLOCK', blockMs, 'STREAMS', ...byKey.keys(), ...places.values());
  const answer = await blockingAnswer(redis, read, { lateMs: blockMs + lateMaxMs, signal });
  return (answer ?? []).flatMap(([key, raw]) => {
    const shard = byKey.get(key);
    return shard === undefined ? [] : [{ shard, entries: toEntries(raw) }];
  });
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
