import type { BusEvent } from '@chatapp/contract/events';
import { eventsKey } from '@chatapp/contract/shard';
import type { Clock } from '@chatapp/resilience/clock';
import { followStream, isOfType, toBusEvent } from '@chatapp/service/event-stream';
import type { Log } from '@chatapp/service/log';
import type { Redis } from 'ioredis';
import { firstPlace } from './place-store.ts';
import { Seen } from './seen.ts';

export interface FollowEventsOptions {
  /** A connection of its own: it waits in XREAD. */
  readonly redis: Redis;
  readonly apply: (event: BusEvent) => void;
  /** Redis was wiped: what we believed about access may have missed an event. */
  readonly onWiped: () => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export interface EventReader {
  /** Whether the stream was read within the last seconds. */
  isReading(): boolean;
  /** Breaks a connection that has not answered for too long, so that another one is made. */
  watch(): void;
  readonly ended: Promise<void>;
}

const blockMs = 2000;
const silentMaxMs = 5000;
/** Events of half an hour of a very busy installation. */
const seenMax = 20_000;

/** Tails the stream of bus events from a minute before now on; an event that comes again is dropped. */
export const followEvents = (options: FollowEventsOptions): EventReader => {
  const { redis, clock, log, signal } = options;
  const seen = new Seen(seenMax);
  let readAt = Number.NEGATIVE_INFINITY;
  let brokenAt = clock.now();

  const follow = async () => {
    const from = await firstPlace(redis, { clock, signal });
    if (from === undefined) return;
    await followStream({
      redis,
      key: eventsKey,
      from,
      blockMs,
      onEntries: (entries) => {
        for (const entry of entries) {
          // Nothing to us, and most of what a busy installation says.
          if (isOfType(entry, 'conversation.active')) continue;
          const event = toBusEvent(entry, log);
          if (event === undefined || !seen.isNew(event.id)) continue;
          try {
            options.apply(event);
          } catch (error) {
            log.error({ error, event: event.id }, 'an event could not be applied');
          }
        }
      },
      onWiped: options.onWiped,
      onRead: () => {
        readAt = clock.now();
      },
      log,
      signal,
      clock,
    });
  };

  return {
    isReading: () => redis.status === 'ready' && clock.now() - readAt < silentMaxMs,
    watch() {
      const now = clock.now();
      if (redis.status !== 'ready' || now - Math.max(readAt, brokenAt) < 2 * silentMaxMs) return;
      brokenAt = now;
      log.warn('the stream of events does not answer; connecting anew');
      redis.disconnect(true);
    },
    ended: follow(),
  };
};
