import { eventsKey } from '@chatapp/contract/shard';
import type { Clock } from '@chatapp/resilience/clock';
import { followStream, isOfType, toBusEvent } from '@chatapp/service/event-stream';
import type { Log } from '@chatapp/service/log';
import type { Redis } from 'ioredis';
import type { AccessCache } from './access.ts';

const blockMs = 1000;
/** An answer of Redis that is older than this means that events are no longer being read. */
const silenceMaxMs = 2500;

/** Whether the stream of bus events is being read, told by when Redis last answered. */
export const createReadsEvents = (now: () => number) => {
  let readAt = Number.NEGATIVE_INFINITY;
  return {
    noteRead: () => {
      readAt = now();
    },
    readsEvents: () => now() - readAt < silenceMaxMs,
  };
};

/** Tells the cache of every bus event from now on; each instance does so for itself. */
export const followForAccess = (options: {
  readonly blocking: Redis;
  readonly access: AccessCache;
  readonly noteRead: () => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}): Promise<void> => {
  const { blocking, access, noteRead, clock, log, signal } = options;
  return followStream({
    redis: blocking,
    key: eventsKey,
    from: '$',
    blockMs,
    onEntries: (entries) => {
      for (const entry of entries) {
        // Our own word about what was written, which changes nobody's access.
        if (isOfType(entry, 'conversation.active')) continue;
        const event = toBusEvent(entry, log);
        if (event) access.observe(event);
      }
    },
    onWiped: () => access.forgetAll(),
    onRead: noteRead,
    log,
    clock,
    signal,
  });
};
