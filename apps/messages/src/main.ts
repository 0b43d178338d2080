import { join } from 'node:path';
import { serviceAudience } from '@chatapp/contract/scopes';
import { systemClock } from '@chatapp/resilience/clock';
import { readConfig } from '@chatapp/service/config';
import { addressOf, type Closer, runService, start } from '@chatapp/service/lifecycle';
import { createLog, type Log } from '@chatapp/service/log';
import { gauge } from '@chatapp/service/meters';
import { createMetrics } from '@chatapp/service/metrics';
import { createOutbound } from '@chatapp/service/outbound';
import { answersDocs } from '@chatapp/service/production';
import { connectRedis, type RedisRole } from '@chatapp/service/redis';
import { runStuckSessionWatch } from '@chatapp/service/stuck-sessions';
import { createTokenVerifier } from '@chatapp/service/token-verifier';
import { createAccessCache } from './access/access.ts';
import { createConversationsClient } from './access/conversations-client.ts';
import { createReadsEvents, followForAccess } from './access/follow-events.ts';
import { createApp } from './app.ts';
import { checkConfig } from './check-config.ts';
import { createAnnouncer } from './commands/announcer.ts';
import { createBury, createBuryBeside, createBuryCommand } from './commands/bury.ts';
import { createCommandLimit } from './commands/command-limit.ts';
import { countCommand } from './commands/command-limit-store.ts';
import { createGatheredSave } from './commands/gathered-save.ts';
import { KnownHeads } from './commands/known-heads.ts';
import { keepLeases } from './commands/lease-ticks.ts';
import { createLeases } from './commands/leases.ts';
import { runPurge } from './commands/purge.ts';
import { createQuickSave } from './commands/quick-save.ts';
import { createRunCommand } from './commands/run-command.ts';
import { createSaveBatch } from './commands/save-batch.ts';
import { createSettledEntries } from './commands/settled-entries.ts';
import { createSplitSave } from './commands/split-batch.ts';
import { runWriter } from './commands/writer.ts';
import { createWriterMetrics } from './commands/writer-metrics.ts';
import { settings } from './config.ts';
import { openDatabase, prepareDatabase } from './database.ts';
import { eventsLease, runConsumer } from './events/consumer.ts';
import { runEraser } from './events/eraser.ts';
import { createFailpoint } from './failpoint.ts';

start(async () => {
  const config = checkConfig(readConfig(settings, process.env));
  const { shards, leaseMs } = config;
  const clock = systemClock;
  const log = createLog({ service: 'messages', level: config.logLevel });
  const metrics = createMetrics('messages');
  const newId = () => Bun.randomUUIDv7();
  const reach = createFailpoint(config.failpoint, (signal) => process.kill(process.pid, signal));

  const database = { url: config.databaseUrl, password: config.databasePassword, leaseMs, log };
  const sql = openDatabase({ ...database, poolMax: config.databasePoolMax });
  // Of the writer alone: one session saves batch after batch, warm, and never waits for a reader (0029).
  const writing = openDatabase({ ...database, poolMax: 1 });
  await prepareDatabase({ database, sql, directory: join(import.meta.dir, '../migrations'), shards, clock });

  const redis = connect('commands');
  const blocking = { writer: connect('blocking'), consumer: connect('blocking'), access: connect('blocking') };

  const stopping = new AbortController();
  const closing = new AbortController();
  const address = addressOf(config);
  const seat = address === undefined ? undefined : `${address}/`;
  const instance = `${seat ?? ''}${crypto.randomUUID()}`;
  const holder = { redis, instance, seat, leaseMs, clock, random: Math.random, log };
  const leases = createLeases({ ...holder, names: Array.from({ length: shards }, (_, shard) => String(shard)) });
  const eventLeases = createLeases({
    ...holder,
    instance: `${holder.instance}:events`,
    names: [eventsLease],
    group: eventsLease,
  });
  const announcer = createAnnouncer({ redis, shards, log, clock, signal: closing.signal });
  const writerMetrics = createWriterMetrics(metrics, { leases, announcer });
  const burying = { redis, dead: writerMetrics.dead, log };
  const bury = createBury(burying);
  const buryCommand = createBuryCommand(bury);

  const heads = new KnownHeads();
  const saving = { sql, shards, heads, now: Date.now, newId, reach, onTries: writerMetrics.noteTries };
  const save = createSaveBatch(saving);
  const ofWriter = { ...saving, sql: writing };
  const splitting = { clock, random: Math.random };
  const quickSave = createQuickSave({ ...ofWriter, save: createSaveBatch(ofWriter) });
  const splitSave = createSplitSave({ ...splitting, save: quickSave, bury: buryCommand });

  const outbound = createOutbound({ ...config, deadlineMs: config.requestDeadlineMs, fetch, log });
  const conversations = createConversationsClient(
    outbound.client('conversations', config.conversationsUrls, ['conversations:access.read']),
  );
  const reading = createReadsEvents(clock.now);
  const access = createAccessCache({
    ask: conversations.access,
    readsEvents: reading.readsEvents,
    now: clock.now,
    keepMs: config.accessCacheSeconds * 1000,
  });
  const limitOf = (name: 'person' | 'conversation', perMinute: number) =>
    createCommandLimit({
      ...{ name, perMinute, now: clock.now },
      count: (id, minute) => countCommand(redis, { name, id, minute }),
    });
  const limits = {
    person: limitOf('person', config.commandsPerMinute),
    conversation: limitOf('conversation', config.conversationCommandsPerMinute),
  };
  const gathered = createGatheredSave({
    ...{ ...splitting, save, bury: createBuryBeside(buryCommand, burying), announcer, log },
    batchCommandsMax: config.batchCommandsMax,
  });
  gauge(metrics, 'messages_http_commands_waiting', 'Commands over HTTP that wait for a transaction', gathered.waiting);
  const run = createRunCommand({ access, save: gathered, limits, now: Date.now });
  const verify = createTokenVerifier({
    issuer: config.issuer,
    issuerAlias: config.issuerAlias,
    furtherIssuers: config.furtherIssuers,
    audiences: [serviceAudience('messages'), config.apiAudience],
    typ: config.accessTokenTyp,
    fetch,
    now: Date.now,
  });
  const auth = { verify, service: 'messages', apiAudience: config.apiAudience } as const;

  runService({
    serve: (draining) => {
      const checks = { database: () => sql`SELECT 1`, redis: () => redis.ping() };
      const apiDocs = answersDocs(config);
      const app = createApp({
        auth,
        access,
        conversations,
        sql,
        shards,
        run,
        newId,
        log,
        metrics,
        checks,
        draining,
        apiDocs,
      });
      return { fetch: app.fetch, host: config.host, port: config.port, log };
    },
    closers: [
      ['database', () => Promise.all([sql, writing].map((one) => one.end({ timeout: 1 })))],
      ['redis', () => redis.disconnect()],
      ['writer', () => end()],
    ] satisfies Closer[],
    log,
  });

  const { signal } = stopping;
  const settled = createSettledEntries({ redis, reach, clock, log });
  const writer = runWriter(
    {
      ...{ blocking: blocking.writer, leases, save: splitSave, announcer, settled, bury, reach, clock, log },
      batchCommandsMax: config.batchCommandsMax,
      lingerMaxMs: config.lingerMaxMs,
      onBatch: writerMetrics.noteBatch,
    },
    signal,
  );
  const ticking = { leaseMs, clock, log };
  const ofEvents = { sql, save, announcer, leases: eventLeases, now: Date.now, clock, log };
  const work = [
    writer,
    runConsumer({ ...ofEvents, blocking: blocking.consumer, bury }, signal),
    keepLeases(leases, { ...ticking, askDatabase: () => writing`SELECT 1` }, closing.signal),
    keepLeases(eventLeases, { ...ticking, askDatabase: () => sql`SELECT 1` }, closing.signal),
    followForAccess({ blocking: blocking.access, access, noteRead: reading.noteRead, clock, log, signal }),
    runPurge({ sql, leases, clock, log }, signal),
    runStuckSessionWatch({ sql, silentMs: Math.min(leaseMs, 3000), clock, log }, signal),
    runEraser({ ...ofEvents, redis }, signal),
    writerMetrics.watchStreams(redis, clock, signal),
  ];

  /** The batch in hand is settled, then another instance may take the shards at once. */
  async function end() {
    stopping.abort();
    await Promise.race([writer.then(settled.flush), clock.sleep(2000)]);
    closing.abort();
    await Promise.all([leases.releaseAll(), eventLeases.releaseAll()]).catch((error) => logLeft(log, error));
    for (const connection of Object.values(blocking)) connection.disconnect();
    await Promise.race([Promise.allSettled(work), clock.sleep(500)]);
  }

  function connect(role: RedisRole) {
    return connectRedis({ url: config.redisUrl, password: config.redisPassword, role, log, name: 'chatapp messages' });
  }
});

const logLeft = (log: Log, error: unknown): void => log.warn({ error }, 'leases were left to end by themselves');
