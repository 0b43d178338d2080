import type { Command } from '@chatapp/contract/commands';
import type { StreamEntry } from '@chatapp/service/event-stream';
import type { ShardEntries } from './command-stream-store.ts';
import { readEntry, type Unsavable } from './read-entry.ts';

/** Stream entries that are saved in one transaction and taken off their streams together. */
export interface Batch {
  readonly commands: readonly Command[];
  readonly unreadable: readonly Unsavable[];
  readonly entries: readonly ShardEntries[];
}

const batchBytesMax = 1_000_000;

/** Cuts what was read into batches of at most so many commands and a megabyte of text; an entry is never divided. */
export const batchesOf = (read: readonly ShardEntries[], commandsMax: number): Batch[] => {
  const batches: Batch[] = [];
  let open = emptyBatch();
  for (const { shard, entries } of read) {
    for (const entry of entries) {
      const { commands, unreadable } = readEntry(entry);
      const size = entry.fields.commands?.length ?? 0;
      const isFull = open.commands.length + commands.length > commandsMax || open.size + size > batchBytesMax;
      if (isFull && open.entries.length > 0) {
        batches.push(close(open));
        open = emptyBatch();
      }
      open.commands.push(...commands);
      open.unreadable.push(...unreadable.map((one) => ({ ...one, id: `${shard} ${one.id}` })));
      open.entries.push({ shard, entry });
      open.size += size;
    }
  }
  if (open.entries.length > 0) batches.push(close(open));
  return batches;
};

interface OpenBatch {
  readonly commands: Command[];
  readonly unreadable: Unsavable[];
  readonly entries: { shard: number; entry: StreamEntry }[];
  /** UTF-16 units of the entries' text. */
  size: number;
}

const emptyBatch = (): OpenBatch => ({ commands: [], unreadable: [], entries: [], size: 0 });

const close = ({ commands, unreadable, entries }: OpenBatch): Batch => ({
  commands,
  unreadable,
  entries: Array.from(
    Map.groupBy(entries, ({ shard }) => shard),
    ([shard, list]) => ({ shard, entries: list.map(({ entry }) => entry) }),
  ),
});
