import type { Clock } from '@chatapp/resilience/clock';
import type { Log } from '@chatapp/service/log';
import type { Redis } from 'ioredis';
import type { Reach } from '../failpoint.ts';
import type { Announcer } from './announcer.ts';
import { type Batch, batchesOf } from './batches.ts';
import { type BuryOnce, createBuryOnce } from './bury.ts';
import { readCommands, type ShardEntries } from './command-stream-store.ts';
import type { BuryLetter } from './dead-letter-store.ts';
import type { Leases } from './leases.ts';
import type { SaveBatch } from './save-batch.ts';
import type { SettledEntries } from './settled-entries.ts';
import type { Outcome } from './task.ts';

export interface WriterOptions {
  /** Waits in XREAD: a connection of its own. */
  readonly blocking: Redis;
  readonly leases: Leases;
  readonly save: SaveBatch;
  readonly announcer: Announcer;
  readonly settled: SettledEntries;
  readonly bury: BuryLetter;
  readonly reach: Reach;
  readonly batchCommandsMax: number;
  readonly lingerMaxMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly onBatch?: (batch: { readonly outcomes: readonly Outcome[]; readonly lagMs: number }) => void;
}

/** Entries of one stream that are read at once; their commands are counted afterwards. */
const readCountMax = 200;
/** A newly held shard is read from within this time. */
const blockMs = 250;
const pauseAfterErrorMs = 200;

/**
 * Saves the commands of the shards that this instance holds, until the signal aborts; the batch in hand is settled first. A shard is read from its
 * beginning at takeover, so what an earlier holder left is settled before anything later. The next batch begins only when
 * the one before is committed and told of; after an error it is read and saved again, and repeats are found.
 */
export const runWriter = async (options: WriterOptions, signal: AbortSignal): Promise<void> => {
  const { leases, clock, log, lingerMaxMs } = options;
  const places = new Map<number, Place>();
  const turning = { ...options, buryOnce: createBuryOnce(options.bury, 'commands') };
  while (!signal.aborted) {
    try {
      // A shard that comes back to us is not read again for what we settled ourselves.
      if (followLeases(places, leases.held())) await options.settled.flush();
      const startedAt = clock.now();
      const count = places.size === 0 ? 0 : await turn(turning, places, signal);
      await leases.settled();
      if (places.size === 0) await clock.sleep(20, signal);
      // Quiet: no wait at all. Busy: the next batch gathers what comes meanwhile, one transaction in place of many.
      else if (count > 1) await clock.sleep(Math.max(0, startedAt + lingerMaxMs - clock.now()), signal);
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ error }, 'a batch was not settled; it is read again');
      await clock.sleep(pauseAfterErrorMs, signal).catch(() => undefined);
    }
  }
};

interface Place {
  readonly tenure: number;
  readonly id: string;
}

/** Reads a newly held shard from the beginning of its stream: the stream is what is not saved yet. Answers whether there is one. */
const followLeases = (places: Map<number, Place>, held: ReadonlyMap<string, number>): boolean => {
  for (const shard of places.keys()) if (!held.has(String(shard))) places.delete(shard);
  const taken = [...held].filter(([name, tenure]) => places.get(Number(name))?.tenure !== tenure);
  for (const [name, tenure] of taken) places.set(Number(name), { tenure, id: '0-0' });
  return taken.length > 0;
};

interface TurnOptions extends WriterOptions {
  readonly buryOnce: BuryOnce;
}

/** One read and all that came with it; answers how many commands that was. */
const turn = async (options: TurnOptions, places: Map<number, Place>, signal: AbortSignal): Promise<number> => {
  const { blocking, batchCommandsMax } = options;
  const ids = new Map(Array.from(places, ([shard, { id }]) => [shard, id]));
  const read = await readCommands(blocking, ids, { count: readCountMax, blockMs, signal });
  const batches = batchesOf(read, batchCommandsMax);
  for (const batch of batches) {
    await settle(options, batch);
    advance(places, batch.entries);
  }
  return batches.reduce((sum, { commands }) => sum + commands.length, 0);
};

const settle = async (options: TurnOptions, batch: Batch): Promise<void> => {
  const { clock, save, announcer, reach, settled, buryOnce, onBatch } = options;
  const lagMs = clock.now() - Math.min(...batch.commands.map(({ at }) => at), clock.now());
  const outcomes = await save(batch.commands);
  reach('before-publish');
  await announcer.announce(outcomes);
  await buryOnce(batch.unreadable);
  settled.add(batch.entries);
  onBatch?.({ outcomes, lagMs });
};

const advance = (places: Map<number, Place>, read: readonly ShardEntries[]): void => {
  for (const { shard, entries } of read) {
    const place = places.get(shard);
    const last = entries.at(-1);
    if (place && last) places.set(shard, { ...place, id: last.id });
  }
};
