import { type Clock, systemClock } from '@chatapp/resilience/clock';
import { silentLog } from '@chatapp/service/log';
import { connectRedis, redisReady } from '@chatapp/service/redis';
import type { Redis } from 'ioredis';
import { type Announcer, createAnnouncer } from '../commands/announcer.ts';
import { createBury, createBuryCommand } from '../commands/bury.ts';
import { keepLeases } from '../commands/lease-ticks.ts';
import { createLeases, type Leases } from '../commands/leases.ts';
import type { SaveBatch } from '../commands/save-batch.ts';
import { createSettledEntries } from '../commands/settled-entries.ts';
import { createSplitSave } from '../commands/split-batch.ts';
import { runWriter } from '../commands/writer.ts';
import { eventsLease, runConsumer } from '../events/consumer.ts';
import { neverFails } from '../failpoint.ts';
import { type TestMessages, testShards } from './database.ts';

export interface TestInstance {
  readonly leases: Leases;
  readonly announcer: Announcer;
  readonly redis: Redis;
  /** Kinds of all outcomes so far. */
  readonly kinds: string[];
  stop(): Promise<void>;
  /** Ends as `kill -9` does: nothing is released. */
  kill(): Promise<void>;
}

export interface TestInstanceOptions {
  readonly redisUrl: string;
  readonly messages: TestMessages;
  readonly leaseMs?: number;
  /** Where it stands in for one that was killed. */
  readonly seat?: string;
  readonly batchCommandsMax?: number;
  /** In place of the transaction. */
  readonly save?: SaveBatch;
  /** By which the writer paces its batches. */
  readonly pacing?: Clock;
}

/** The writer of one instance, inside the test's process. */
export const testInstance = async (options: TestInstanceOptions): Promise<TestInstance> => {
  const { redisUrl, messages, leaseMs = 3000, batchCommandsMax = 1000 } = options;
  const clock = systemClock;
  const log = silentLog();
  const redis = connectRedis({ url: redisUrl, role: 'commands', log });
  const writerRedis = connectRedis({ url: redisUrl, role: 'blocking', log });
  const eventsRedis = connectRedis({ url: redisUrl, role: 'blocking', log });
  await Promise.all([redis, writerRedis, eventsRedis].map((connection) => redisReady(connection)));
  const stopping = new AbortController();
  const closing = new AbortController();
  const { seat } = options;
  const holder = {
    redis,
    instance: `${seat ?? ''}${crypto.randomUUID()}`,
    seat,
    leaseMs,
    clock,
    random: Math.random,
    log,
  };
  const leases = createLeases({ ...holder, names: Array.from({ length: testShards }, (_, shard) => String(shard)) });
  const eventLeases = createLeases({ ...holder, names: [eventsLease], group: eventsLease });
  const announcer = createAnnouncer({ redis, shards: testShards, log, clock, signal: closing.signal });
  const bury = createBury({ redis, dead: { add: () => undefined }, log });
  const save = createSplitSave({
    ...{ save: options.save ?? messages.quickSave, clock, random: Math.random },
    bury: createBuryCommand(bury),
  });
  const kinds: string[] = [];
  const { signal } = stopping;
  const settled = createSettledEntries({ redis, reach: neverFails, clock, log });
  const writer = runWriter(
    {
      ...{ blocking: writerRedis, leases, save, announcer, settled, bury, reach: neverFails, log },
      clock: options.pacing ?? clock,
      ...{ batchCommandsMax, lingerMaxMs: 5 },
      onBatch: ({ outcomes }) => kinds.push(...outcomes.map(({ kind }) => kind)),
    },
    signal,
  );
  const { sql } = messages;
  const consumer = runConsumer(
    {
      sql,
      blocking: eventsRedis,
      leases: eventLeases,
      save: messages.save,
      bury,
      announcer,
      now: Date.now,
      clock,
      log,
    },
    signal,
  );
  const ticking = { leaseMs, clock, log, askDatabase: () => sql`SELECT 1` };
  const ticks = [leases, eventLeases].map((each) => keepLeases(each, ticking, closing.signal));
  return {
    ...{ leases, announcer, redis, kinds },
    async stop() {
      stopping.abort();
      await writer;
      await settled.flush();
      closing.abort();
      await Promise.allSettled([leases.releaseAll(), eventLeases.releaseAll()]);
      for (const connection of [redis, writerRedis, eventsRedis]) connection.disconnect();
      await Promise.all([consumer, ...ticks]);
    },
    async kill() {
      stopping.abort();
      closing.abort();
      for (const connection of [redis, writerRedis, eventsRedis]) connection.disconnect();
      await Promise.allSettled([writer, consumer, ...ticks]);
    },
  };
};
