import type { Clock } from '@chatapp/resilience/clock';
import type { Log } from '@chatapp/service/log';
import type { Redis } from 'ioredis';
import type { Database, Read } from '../database.ts';
import { createBell } from './bell.ts';
import { activityLease, followActivity } from './follow-activity.ts';
import { holdLease } from './hold-lease.ts';
import { relay, relayLease } from './relay.ts';
import { keepSweeping, type Sweep } from './sweep.ts';

interface EventWorkOptions {
  readonly db: Database;
  readonly read: Read;
  /** Answers or fails soon. */
  readonly redis: Redis;
  /** Waits for entries: its own connection. */
  readonly reader: Redis;
  readonly log: Log;
  readonly leaseMs: number;
  readonly now: () => Date;
  readonly clock: Clock;
  readonly sweeps?: readonly Sweep[];
}

export interface EventWork {
  /** There are new events in the outbox. */
  wake(): void;
  /** Ends all works and gives their leases up. */
  stop(): Promise<void>;
}

/**
 * What goes on beside the requests, each by one instance at a time: relaying our events, following those that concern us,
 * and the sweeps. */
export const startEventWork = (options: EventWorkOptions): EventWork => {
  const { db, read, redis, reader, log, leaseMs, now, clock, sweeps = [] } = options;
  const ending = new AbortController();
  const bell = createBell();
  const lease = { read, owner: crypto.randomUUID(), leaseMs, log, clock, signal: ending.signal };
  const works = [
    holdLease({ ...lease, name: relayLease, work: (held) => relay({ db, redis, bell, log, now, clock }, held) }),
    holdLease({
      ...lease,
      name: activityLease,
      work: (held) => followActivity({ db, read, redis: reader, log }, held),
    }),
    ...sweeps.map((sweep) =>
      holdLease({ ...lease, name: sweep.name, work: (held) => keepSweeping(sweep, { log, clock }, held) }),
    ),
  ];
  return {
    wake: () => bell.ring(),
    async stop() {
      ending.abort();
      // The reader may sit in a blocking read, which would hold up the end.
      reader.disconnect();
      await Promise.all(works);
    },
  };
};
