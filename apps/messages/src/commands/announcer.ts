import type { Clock } from '@chatapp/resilience/clock';
import type { Log } from '@chatapp/service/log';
import type { Redis } from 'ioredis';
import { createActivity } from './activity.ts';
import { publishAll } from './announce-store.ts';
import { type Announcement, announcementsOf } from './announcement.ts';
import type { Outcome } from './task.ts';

export interface AnnouncerOptions {
  readonly redis: Redis;
  readonly shards: number;
  readonly log: Log;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface Announcer {
  /** Tells of a batch. Resolves when Redis took it, however long Redis is away; rejects when the service ends before. */
  announce(outcomes: readonly Outcome[]): Promise<void>;
  /** What waits for Redis. */
  readonly waiting: number;
}

/** An HTTP command does not wait for its publish: beyond so many batches or characters the oldest are given up. The nodes then find their changes by the heads of the conversations, which they read after every reconnect and every minute or so. */
const waitingMax = { batches: 10_000, length: 32_000_000 };
/** Of one round trip. */
const portionMax = { batches: 200, length: 4_000_000 };

interface Waiting {
  readonly announcements: readonly Announcement[];
  /** Of its payloads together. */
  readonly length: number;
  readonly settle: () => void;
  readonly fail: (error: unknown) => void;
}

/** Publishes in the order of `announce`, what waits in as few round trips as may be, again and again until Redis has taken it. */
export const createAnnouncer = (options: AnnouncerOptions): Announcer => {
  const { redis, shards, log, clock, signal } = options;
  const queue: Waiting[] = [];
  const activity = createActivity(options);
  let flushing = false;
  let away = false;
  /** Of what waits and of what is on its way. */
  let length = 0;
  let givenUp = 0;

  const giveUpOldest = () => {
    while (queue.length > 1 && (queue.length > waitingMax.batches || length > waitingMax.length)) {
      const oldest = queue.shift();
      length -= oldest?.length ?? 0;
      oldest?.settle();
      if (givenUp++ === 0) log.warn('too much waits to be published: the oldest is left to be found by heads');
    }
  };

  const tookPublishes = (batch: readonly Waiting[]) => {
    if (givenUp > 0) log.warn({ batches: givenUp }, 'changes were not published; nodes find them by heads');
    [away, givenUp] = [false, 0];
    for (const waiting of batch) {
      length -= waiting.length;
      waiting.settle();
    }
  };

  const flush = async () => {
    if (flushing) return;
    flushing = true;
    while (queue.length > 0 && !signal.aborted) {
      const batch = takePortion(queue);
      try {
        await publishAll(
          redis,
          batch.flatMap(({ announcements }) => announcements),
        );
        tookPublishes(batch);
      } catch (error) {
        if (!away) log.warn({ error }, 'publishing failed; it is repeated until Redis takes it');
        away = true;
        queue.unshift(...batch);
        await clock.sleep(200, signal).catch(() => undefined);
      }
    }
    flushing = false;
    if (signal.aborted) for (const { fail } of queue.splice(0)) fail(signal.reason);
  };

  return {
    async announce(outcomes) {
      activity.note(outcomes);
      const announcements = announcementsOf(outcomes, shards);
      if (announcements.length === 0) return;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const added = announcements.reduce((sum, { payload }) => sum + payload.length, 0);
      queue.push({ announcements, length: added, settle: resolve, fail: reject });
      length += added;
      giveUpOldest();
      void flush();
      await promise;
    },
    get waiting() {
      return queue.length;
    },
  };
};

const takePortion = (queue: Waiting[]): Waiting[] => {
  let length = 0;
  const end = queue.findIndex((waiting, at) => {
    length += waiting.length;
    return at === portionMax.batches || (at > 0 && length > portionMax.length);
  });
  return queue.splice(0, end < 0 ? queue.length : end);
};
