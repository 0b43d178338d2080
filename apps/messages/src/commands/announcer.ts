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

/** An HTTP command does not wait for its publish: beyond this many batches the oldest is given up. The nodes then find the change by its conversation's head, which they read after every reconnect. */
const waitingMax = 10_000;

interface Waiting {
  readonly announcements: readonly Announcement[];
  readonly settle: () => void;
  readonly fail: (error: unknown) => void;
}

/** Publishes in the order of `announce`, all that waits in one round trip, again and again until Redis has taken it. */
export const createAnnouncer = (options: AnnouncerOptions): Announcer => {
  const { redis, shards, log, clock, signal } = options;
  const queue: Waiting[] = [];
  const activity = createActivity(options);
  let flushing = false;
  let away = false;

  const flush = async () => {
    if (flushing) return;
    flushing = true;
    while (queue.length > 0 && !signal.aborted) {
      const batch = queue.splice(0, 200);
      try {
        await publishAll(
          redis,
          batch.flatMap(({ announcements }) => announcements),
        );
        away = false;
        for (const { settle } of batch) settle();
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
      queue.push({ announcements, settle: resolve, fail: reject });
      if (queue.length > waitingMax) queue.shift()?.settle();
      void flush();
      await promise;
    },
    get waiting() {
      return queue.length;
    },
  };
};
