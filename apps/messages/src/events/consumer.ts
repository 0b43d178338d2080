import type { BusEvent } from '@chatapp/contract/events';
import { eventsKey } from '@chatapp/contract/shard';
import type { Clock } from '@chatapp/resilience/clock';
import { withDatabaseRetry } from '@chatapp/service/database';
import { followStream, type StreamEntry } from '@chatapp/service/event-stream';
import type { Log } from '@chatapp/service/log';
import type { Redis } from 'ioredis';
import type { Sql } from 'postgres';
import type { Announcer } from '../commands/announcer.ts';
import { createBuryOnce } from '../commands/bury.ts';
import type { BuryLetter } from '../commands/dead-letter-store.ts';
import type { Leases } from '../commands/leases.ts';
import type { SaveBatch } from '../commands/save-batch.ts';
import { createSplitSave } from '../commands/split-batch.ts';
import { eventsPlaceKey, readMeta, writeMeta } from '../meta-store.ts';
import { noteOf } from './note.ts';
import { noteDepartures } from './note-departures.ts';
import { readEvents } from './read-events.ts';

export interface ConsumerOptions {
  readonly sql: Sql;
  /** A connection of its own: it waits in XREAD. */
  readonly blocking: Redis;
  readonly leases: Pick<Leases, 'held'>;
  readonly save: SaveBatch;
  readonly bury: BuryLetter;
  readonly announcer: Pick<Announcer, 'announce'>;
  /** Ms since the epoch. */
  readonly now: () => number;
  readonly clock: Clock;
  readonly log: Log;
}

/** The one lease under which bus events are turned into system messages, markers and losses. */
export const eventsLease = 'events';

const blockMs = 500;
const watchMs = 200;

/** Writes what bus events leave in conversations while this instance holds their lease, until the signal aborts. */
export const runConsumer = async (options: ConsumerOptions, signal: AbortSignal): Promise<void> => {
  const { leases, clock, log } = options;
  const apply = createApply(options);
  while (!signal.aborted) {
    const tenure = leases.held().get(eventsLease);
    if (tenure === undefined) await clock.sleep(watchMs, signal).catch(() => undefined);
    else {
      await serve({ ...options, apply }, tenure, signal).catch((error) =>
        log.warn({ error }, 'reading events failed; trying again'),
      );
      if (!signal.aborted) await clock.sleep(watchMs, signal).catch(() => undefined);
    }
  }
};

interface ServeOptions extends ConsumerOptions {
  readonly apply: (entries: readonly StreamEntry[]) => Promise<void>;
}

const serve = async (options: ServeOptions, tenure: number, signal: AbortSignal): Promise<void> => {
  const { apply, sql, blocking, leases, clock, log } = options;
  const ended = new AbortController();
  const watch = setInterval(() => {
    if (leases.held().get(eventsLease) !== tenure) ended.abort();
  }, watchMs);
  try {
    await followStream({
      redis: blocking,
      key: eventsKey,
      from: (await readMeta(sql, eventsPlaceKey)) ?? '0-0',
      count: 200,
      blockMs,
      onEntries: apply,
      log,
      clock,
      signal: AbortSignal.any([signal, ended.signal]),
    });
  } finally {
    clearInterval(watch);
  }
};

/** The place moves when the effects are written and told of: none is lost, and what comes again after a crash in between is found applied and told of once more. */
const createApply = (options: ConsumerOptions) => {
  const { sql, clock, announcer, bury, log } = options;
  // One at a time, and the same ones again where they fail for now: what was set aside of them is remembered by `save`.
  let events: readonly BusEvent[] = [];
  const save = createSplitSave({
    ...{ save: options.save, clock, random: Math.random },
    bury: (note, reason) => {
      const event = events.find(({ id }) => id === note.clientId);
      return bury('events', { reason, payload: JSON.stringify(event) });
    },
  });
  const buryOnce = createBuryOnce(bury, 'events');
  return async (entries: readonly StreamEntry[]): Promise<void> => {
    const read = readEvents(entries);
    events = read.events;
    const notes = events.map(noteOf).filter((note) => note !== undefined);
    // Before the notes: what `save` set aside is forgotten when it is done.
    const refused = await noteDepartures(sql, events, options.now());
    const outcomes = await save(notes);
    await announcer.announce(outcomes);
    await buryOnce([...read.unreadable, ...refused]);
    const place = entries.at(-1)?.id;
    if (place !== undefined) await keepPlace(sql, place, log);
  };
};

/** Where it cannot be kept for now the next entries' place covers it; the same ones again would be buried again. */
const keepPlace = (sql: Sql, place: string, log: Log): Promise<void> =>
  withDatabaseRetry(() => writeMeta(sql, eventsPlaceKey, place)).catch((error) =>
    log.warn({ error }, 'the place among the events was not kept'),
  );
