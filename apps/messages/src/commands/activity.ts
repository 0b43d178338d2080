import type { Clock } from '@chatapp/resilience/clock';
import type { Log } from '@chatapp/service/log';
import type { Redis } from 'ioredis';
import { activeIntervalMs, tellActive } from './announce-store.ts';
import type { Outcome } from './task.ts';

export interface ActivityOptions {
  readonly redis: Redis;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Tells the other services in which conversations people write, each at most once in ten seconds. What Redis does not take is lost. */
export interface Activity {
  note(outcomes: readonly Outcome[]): void;
}

/**
 * So long activity is gathered: each read of the events wakes every follower, and one of them writes to the database, so that
 * a conversation at a time would cost them more than the messages themselves.
 */
const gatherMs = 1000;
const rememberedMax = 50_000;

export const createActivity = ({ redis, clock, log, signal }: ActivityOptions): Activity => {
  const notedAt = new Map<string, number>();
  let gathered = new Map<string, Date>();

  const tell = async () => {
    // Stopping: now or never.
    await clock.sleep(gatherMs, signal).catch(() => undefined);
    const active = gathered;
    gathered = new Map();
    await tellActive(redis, active).catch((error) => log.debug({ error }, 'activity was not told of'));
  };

  return {
    note(outcomes) {
      const now = clock.now();
      for (const { kind, task } of outcomes) {
        if (kind !== 'saved' || task.op !== 'send') continue;
        if (now - (notedAt.get(task.conversationId) ?? Number.NEGATIVE_INFINITY) < activeIntervalMs) continue;
        if (notedAt.size >= rememberedMax) notedAt.clear();
        notedAt.set(task.conversationId, now);
        if (gathered.size === 0) void tell();
        gathered.set(task.conversationId, new Date(now));
      }
    },
  };
};
