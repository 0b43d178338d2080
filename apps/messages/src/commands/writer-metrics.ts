import type { Clock } from '@chatapp/resilience/clock';
import type { Tries } from '@chatapp/service/database';
import { counter, gauge, labelledCounter } from '@chatapp/service/meters';
import type { Metrics } from '@chatapp/service/metrics';
import type { Redis } from 'ioredis';
import type { Announcer } from './announcer.ts';
import { streamLength } from './command-stream-store.ts';
import type { Leases } from './leases.ts';
import type { Outcome } from './task.ts';

/** What an operator sees of the writer: its batches, how far it is behind, what waits and what was set aside. */
export const createWriterMetrics = (
  metrics: Metrics,
  parts: { readonly leases: Leases; readonly announcer: Announcer },
) => {
  const kinds = {
    saved: counter(metrics, 'messages_commands_saved_total', 'Commands that were saved'),
    repeated: counter(metrics, 'messages_commands_repeated_total', 'Commands that had been saved before'),
    refused: counter(metrics, 'messages_commands_refused_total', 'Commands that were refused'),
  };
  const batches = counter(metrics, 'messages_batches_total', 'Transactions of the writer');
  const transactions = labelledCounter(metrics, {
    name: 'messages_transactions_total',
    help: 'Transactions of commands and events, by how many tries each took; failed: given up for now',
    label: 'tries',
  });
  const dead = counter(metrics, 'messages_dead_letters_total', 'Commands and events that were set aside');
  let commands = 0;
  let lag = 0;
  let waiting = 0;
  gauge(metrics, 'messages_batch_commands', 'Commands in the last batch', () => commands);
  gauge(metrics, 'messages_lag_ms', 'Age of the oldest command of the last batch, ms', () => lag);
  gauge(metrics, 'messages_stream_entries', 'Entries that wait in the streams held here', () => waiting);
  gauge(metrics, 'messages_shards_held', 'Shards that this instance holds', () => parts.leases.held().size);
  gauge(metrics, 'messages_publishes_waiting', 'Batches that wait for Redis', () => parts.announcer.waiting);
  return {
    dead,
    noteTries: (tries: Tries) => transactions.add(String(tries)),
    noteBatch(batch: { readonly outcomes: readonly Outcome[]; readonly lagMs: number }) {
      batches.add();
      for (const { kind } of batch.outcomes) kinds[kind].add();
      commands = batch.outcomes.length;
      lag = batch.lagMs;
    },
    /** Looks at the lengths of the held streams every five seconds until the signal aborts. */
    async watchStreams(redis: Redis, clock: Clock, signal: AbortSignal): Promise<void> {
      while (!signal.aborted) {
        const lengths = Array.from(parts.leases.held().keys(), (shard) => streamLength(redis, Number(shard)));
        waiting = await Promise.all(lengths).then(
          (list) => list.reduce((sum, length) => sum + length, 0),
          () => waiting,
        );
        await clock.sleep(5000, signal).catch(() => undefined);
      }
    },
  };
};
