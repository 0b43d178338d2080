import type { Command } from '@chatapp/contract/commands';
import { commandsKey } from '@chatapp/contract/shard';
import type { Redis } from 'ioredis';

interface Pending {
  readonly commands: Command[];
  readonly onFailure: ((error: unknown) => void)[];
}

/** More go into a further entry: a reader takes whole entries and should not get more than it saves at once. */
const entryCommandsMax = 100;

export interface CommandStore {
  /** Puts a command on the stream of its shard, in order: with all others of this turn of the event loop, or of the time that Redis takes for those before. */
  add(shard: number, command: Command, onFailure: (error: unknown) => void): void;
  /** Resolves when everything that was added is in Redis, or has failed. */
  settled(): Promise<void>;
}

/** No command waits longer for those before it: a Redis that hangs must not hold back what could go. */
const gatherMaxMs = 5;

export const createCommandStore = (redis: Redis): CommandStore => {
  let pending = new Map<number, Pending[]>();
  const writes = new Set<Promise<void>>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** Never rejects. */
  const write = async (batch: ReadonlyMap<number, readonly Pending[]>) => {
    // A pipeline of our own: of the automatic one each command costs a promise and a callback more, and a further turn of the event loop.
    const pipeline = redis.pipeline();
    const entries: Pending[] = [];
    for (const [shard, some] of batch) {
      for (const entry of some) {
        pipeline.xadd(commandsKey(shard), '*', 'v', '1', 'commands', JSON.stringify(entry.commands));
        entries.push(entry);
      }
    }
    const results = (await pipeline.exec()) ?? [];
    for (const [place, { onFailure }] of entries.entries()) {
      const error = results[place]?.[0];
      // It may have been added all the same; asking again is safe, a repeat is found.
      if (error) for (const fail of onFailure) fail(error);
    }
  };

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const batch = pending;
    pending = new Map();
    const written = write(batch).finally(() => {
      writes.delete(written);
      // One batch at a time is on its way: what came meanwhile goes together, the busier the more of it.
      if (writes.size === 0 && pending.size > 0) flush();
    });
    writes.add(written);
  };

  const soon = () => {
    if (writes.size === 0) setImmediate(flush);
    else timer ??= setTimeout(flush, gatherMaxMs);
  };

  return {
    add(shard, command, onFailure) {
      if (pending.size === 0) soon();
      const entries = pending.get(shard) ?? [];
      pending.set(shard, entries);
      let entry = entries.at(-1);
      if (entry === undefined || entry.commands.length >= entryCommandsMax) {
        entry = { commands: [], onFailure: [] };
        entries.push(entry);
      }
      entry.commands.push(command);
      entry.onFailure.push(onFailure);
    },
    async settled() {
      if (pending.size > 0) flush();
      while (writes.size > 0) await Promise.all(writes);
    },
  };
};

/** How many entries wait in a shard's stream, and whether an instance of messages holds its lease. Rejects when Redis does not answer. */
export const readShardState = async (
  redis: Redis,
  shard: number,
): Promise<{ readonly waiting: number; readonly isHeld: boolean }> => {
  const [waiting, held] = await Promise.all([redis.xlen(commandsKey(shard)), redis.exists(`lease:${shard}`)]);
  return { waiting, isHeld: held > 0 };
};
