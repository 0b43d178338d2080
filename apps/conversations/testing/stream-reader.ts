import type { BusEvent } from '@chatapp/contract/events';
import { eventsKey } from '@chatapp/contract/shard';
import { followStream, toBusEvent } from '@chatapp/service/event-stream';
import { silentLog } from '@chatapp/service/log';
import { connectRedis } from '@chatapp/service/redis';

/** What a consumer of the stream deals with: every event once, by its id, in the order in which it came. */
export interface StreamReader {
  readonly events: readonly BusEvent[];
  /** Entries that it got, repeats among them. */
  readonly entries: number;
  /** From now on entries wait; `resume` lets them through. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

export const readStream = (redisUrl: string): StreamReader => {
  const log = silentLog();
  const redis = connectRedis({ url: redisUrl, role: 'blocking', log });
  const ending = new AbortController();
  const events = new Map<string, BusEvent>();
  let entries = 0;
  let gate = Promise.withResolvers<void>();
  gate.resolve();
  const done = followStream({
    redis,
    key: eventsKey,
    from: '0-0',
    log,
    signal: ending.signal,
    onEntries: async (batch) => {
      await gate.promise;
      entries += batch.length;
      for (const event of batch.map((entry) => toBusEvent(entry, log))) {
        if (event !== undefined && !events.has(event.id)) events.set(event.id, event);
      }
    },
  });
  return {
    get events() {
      return [...events.values()];
    },
    get entries() {
      return entries;
    },
    pause: () => {
      gate = Promise.withResolvers();
    },
    resume: () => gate.resolve(),
    stop: async () => {
      gate.resolve();
      ending.abort();
      redis.disconnect();
      await done;
    },
  };
};
