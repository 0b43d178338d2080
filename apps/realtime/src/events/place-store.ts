import { eventsKey } from '@chatapp/contract/shard';
import type { Clock } from '@chatapp/resilience/clock';
import type { Redis } from 'ioredis';

const beforeMs = 60_000;

/**
 * The place a minute before the newest event: what happened while this node started is applied too. Waits for Redis; undefined when
 * the signal aborts first.
 */
export const firstPlace = async (
  redis: Redis,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<string | undefined> => {
  while (!signal.aborted) {
    try {
      const [newest] = await redis.xrevrange(eventsKey, '+', '-', 'COUNT', 1);
      const ms = Number(newest?.[0].split('-')[0] ?? 0);
      return `${Math.max(0, ms - beforeMs)}-0`;
    } catch {
      await clock.sleep(200, signal).catch(() => undefined);
    }
  }
  return undefined;
};
