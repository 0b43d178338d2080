import { serviceAudience } from '@chatapp/contract/scopes';
import { systemClock } from '@chatapp/resilience/clock';
import { readConfig } from '@chatapp/service/config';
import { addressOf, runService, start } from '@chatapp/service/lifecycle';
import { createLog } from '@chatapp/service/log';
import { createMetrics } from '@chatapp/service/metrics';
import { createOutbound } from '@chatapp/service/outbound';
import { pageOrigins } from '@chatapp/service/page-origins';
import { answersDocs } from '@chatapp/service/production';
import { connectRedis, redisTried } from '@chatapp/service/redis';
import { createTokenVerifier } from '@chatapp/service/token-verifier';
import { createConversations } from './access/conversations.ts';
import { createApp } from './app.ts';
import { checkConfig } from './check-config.ts';
import { settings } from './config.ts';
import type { SocketData } from './connection/connection.ts';
import { createTakeTicket } from './connection/ticket-store.ts';
import { createNode } from './node.ts';
import { createNodeId } from './node-id.ts';
import { createReadLiveSessions } from './sessions/live-sessions.ts';
import { holdShards } from './subscriptions/hold-shards.ts';
import { createMessages } from './subscriptions/messages.ts';

/** Puts a realtime node together from the environment. It starts, and says so in `/health/ready`, also while everything else is down. */
start(async () => {
  const config = checkConfig(readConfig(settings, process.env));
  const log = createLog({ service: 'realtime', level: config.logLevel });
  const metrics = createMetrics('realtime');
  const redisAccess = { url: config.redisUrl, password: config.redisPassword, log };
  const redis = {
    commands: connectRedis({ ...redisAccess, role: 'commands', name: 'realtime' }),
    subscriber: connectRedis({ ...redisAccess, role: 'subscriber', name: 'realtime-changes' }),
    events: connectRedis({ ...redisAccess, role: 'blocking', name: 'realtime-events' }),
  };
  await redisTried(redis.commands);
  const outbound = createOutbound({ ...config, deadlineMs: config.requestDeadlineMs, fetch, log });

  const stopping = new AbortController();
  const messages = createMessages(
    outbound.client('messages', config.messagesUrls, ['messages:heads.read', 'messages:changes.read']),
    {
      shards: config.shards,
      onOtherShards: (theirs) => {
        log.error(`SHARDS is ${config.shards}, but messages has ${theirs}; set SHARDS=${theirs}`);
        process.exit(1);
      },
    },
  );
  const node = createNode({
    ...config,
    nodeId: createNodeId(addressOf(config), () => crypto.randomUUID()),
    redis,
    conversations: createConversations(
      outbound.client('conversations', config.conversationsUrls, ['conversations:access.read']),
      systemClock,
    ),
    messages,
    readLiveSessions: createReadLiveSessions(outbound.client('bff', config.bffUrls, ['bff:sessions.read'])),
    publish: (topic, frame) => {
      if (lifecycle.server.publish(topic, frame) === -1) node.sockets.noteBackpressure();
    },
    metrics,
    log,
  });

  const lifecycle = runService<SocketData>({
    serve: (draining) => ({
      ...createApp({
        sockets: node.sockets,
        admit: {
          origins: pageOrigins(config),
          apiAudience: config.apiAudience,
          verify: createTokenVerifier({
            ...config,
            audiences: [config.apiAudience, serviceAudience('realtime')],
            typ: config.accessTokenTyp,
            fetch,
            now: Date.now,
          }),
          takeTicket: createTakeTicket(redis.commands, systemClock),
          people: node.people,
          socketsElsewhere: node.socketsElsewhere,
          sessions: node.sessions,
          isDraining: draining,
          now: Date.now,
        },
        checks: {
          redis: () => redis.commands.ping(),
          changes: async () => assertThat(node.isListening()),
          events: async () => assertThat(node.isReading()),
        },
        apiDocs: answersDocs(config),
        metrics,
        log,
      }),
      host: config.host,
      port: config.port,
      log,
    }),
    drain: () => node.drain(),
    closers: [
      ['redis', () => Object.values(redis).forEach((connection) => void connection.disconnect())],
      ['node', () => node.stop()],
      ['shards', () => stopping.abort()],
    ],
    log,
  });
  node.start();
  void holdShards(messages, systemClock, stopping.signal);
});

const assertThat = (holds: boolean): void => {
  if (!holds) throw new Error('not now');
};
