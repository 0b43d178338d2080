import type { Clock } from '@chatapp/resilience/clock';
import type { Log } from '@chatapp/service/log';
import type { Redis } from 'ioredis';
import type { Reach } from '../failpoint.ts';
import { deleteEntries, type ShardEntries } from './command-stream-store.ts';

export interface SettledEntriesOptions {
  readonly redis: Redis;
  readonly reach: Reach;
  readonly clock: Clock;
  readonly log: Log;
}

/** Entries that are saved and told of, on their way off their streams. */
export interface SettledEntries {
  add(read: readonly ShardEntries[]): void;
  /** Takes them off now, and waits for those that are on their way. Never rejects: what stays is read again by the next holder, who finds only repeats. */
  flush(): Promise<void>;
}

/** So many batches go together: an entry that stays a moment longer costs nothing but a repeat after a crash. */
const gatherMs = 50;

export const createSettledEntries = ({ redis, reach, clock, log }: SettledEntriesOptions): SettledEntries => {
  let settled: ShardEntries[] = [];
  let isGathering = false;
  let leaving: Promise<unknown> = Promise.resolve();

  const flush = async () => {
    if (settled.length > 0) leaving = Promise.all([leaving, takeOff()]);
    await leaving;
  };

  const takeOff = async () => {
    const taken = byShard(settled);
    settled = [];
    reach('before-xdel');
    await deleteEntries(redis, taken).catch((error) => {
      log.debug({ error }, 'settled entries stay in their streams for now');
      add(taken);
    });
  };

  const add = (read: readonly ShardEntries[]) => {
    settled.push(...read);
    if (isGathering) return;
    isGathering = true;
    void clock.sleep(gatherMs).then(() => {
      isGathering = false;
      return flush();
    });
  };

  return { add, flush };
};

const byShard = (read: readonly ShardEntries[]): ShardEntries[] =>
  Array.from(
    Map.groupBy(read, ({ shard }) => shard),
    ([shard, list]) => ({ shard, entries: list.flatMap(({ entries }) => entries) }),
  );
