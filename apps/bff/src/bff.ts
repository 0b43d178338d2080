import { join } from 'node:path';
import { serviceAudience } from '@chatapp/contract/scopes';
import { systemClock } from '@chatapp/resilience/clock';
import { createDestination, defaultOptions } from '@chatapp/resilience/destination';
import type { Authentication } from '@chatapp/service/authenticate';
import { appendEvents } from '@chatapp/service/event-stream';
import type { Log } from '@chatapp/service/log';
import { gauge, labelledCounter } from '@chatapp/service/meters';
import type { Metrics } from '@chatapp/service/metrics';
import { createOutbound } from '@chatapp/service/outbound';
import { pageOrigins } from '@chatapp/service/page-origins';
import { ProblemError } from '@chatapp/service/problem';
import { answersDocs } from '@chatapp/service/production';
import { createRateLimit } from '@chatapp/service/rate-limit';
import { createTokenVerifier } from '@chatapp/service/token-verifier';
import type { Redis } from 'ioredis';
import { createCallers } from './access/address.ts';
import { createLimits, type Limits } from './access/limits.ts';
import { createApp } from './app.ts';
import { type Audit, createAudit, sessionName } from './audit/audit.ts';
import { answersMetrics, type BffConfig } from './config.ts';
import { createEdge } from './edge.ts';
import { createDirectory } from './login/directory.ts';
import { createIssuerClient } from './login/issuer-client.ts';
import { createIssuerPresence } from './login/issuer-presence.ts';
import { issuersOf } from './login/issuer-settings.ts';
import { createIssuers, type Issuers } from './login/issuers.ts';
import { createLoginStore } from './login/login-store.ts';
import { createCluster } from './proxy/cluster.ts';
import { watchClusters } from './proxy/health-checks.ts';
import { proxyRoutes as allRoutes, type ProxyRoute } from './proxy/routes.ts';
import { createUpstream } from './proxy/upstream.ts';
import { connectSocket } from './realtime/open-upstream.ts';
import { createRelay } from './realtime/relay.ts';
import { createAccessTokens } from './session/access-token.ts';
import { cookiesOf } from './session/cookies.ts';
import { createSessionStore } from './session/session-store.ts';
import { createSessions } from './session/sessions.ts';
import { socketSessionOf } from './session/signed-in.ts';
import { createTicketStore } from './session/ticket-store.ts';
import { createHardening, pagePolicy } from './web/security-headers.ts';

export interface BffParts {
  readonly config: BffConfig;
  readonly redis: Redis;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly fetch: typeof fetch;
  readonly now: () => number;
  readonly random: () => number;
  readonly draining: () => boolean;
  /** Those of the product unless said. */
  readonly proxyRoutes?: readonly ProxyRoute[];
  /** See RelayOptions. */
  readonly beatMs?: number;
}

export type Bff = ReturnType<typeof createBff>;

/** One instance of the BFF, put together from its settings and connections; it does not listen yet. */
export const createBff = (parts: BffParts) => {
  const { config, redis, log, metrics, fetch, now, draining, proxyRoutes = allRoutes } = parts;
  const { publicUrl, requestDeadlineMs: deadlineMs } = config;
  const ownSocketUrl = `${publicUrl.replace(/^http/, 'ws')}/realtime`;
  const socketUrl = config.realtimePublicUrl ?? ownSocketUrl;
  const origins = pageOrigins(config);

  const cookies = cookiesOf(publicUrl);
  const callers = createCallers(config.trustedHops);
  const audited = { name: 'bff_audit_events_total', help: 'Lines of the audit log', label: 'event' };
  const audit = createAudit(log, callers, labelledCounter(metrics, audited));
  const issuerParts = { afterLogoutUri: `${publicUrl}/`, fetch, now, random: parts.random, log };
  const [main, ...further] = issuersOf(config);
  const issuers = createIssuers([
    createIssuerClient({ ...issuerParts, settings: main }),
    ...further.map((settings) => createIssuerClient({ ...issuerParts, settings })),
  ]);
  const ended = labelledCounter(metrics, { name: 'bff_sessions_ended_total', help: 'Sessions ended', label: 'reason' });
  const sessions = createSessions({
    store: createSessionStore(redis),
    lifetimes: { idleMs: config.sessionIdleSeconds * 1000, absoluteMs: config.sessionAbsoluteSeconds * 1000 },
    isVouchedFor: issuers.knows,
    closeSockets: (sid) => relay.endSession(sid),
    publish: (event) => appendEvents(redis, [event]),
    onEnd: ({ sid, userId, reason }, request) => {
      ended.add(reason);
      audit({ event: 'session.ended', userId, session: sessionName(sid), reason }, request);
    },
    now,
    log,
  });
  const limit = (name: string, points: number) =>
    createRateLimit({ prefix: `limit:bff:${name}`, points, seconds: 60, redis, now });
  const limits = createLimits({
    session: limit('session', config.requestsPerMinute),
    routes: new Map(
      proxyRoutes.flatMap(({ prefix, requestsPerMinute: perMinute }) =>
        perMinute === undefined ? [] : [[prefix, limit(`route:${prefix}`, perMinute)]],
      ),
    ),
    address: limit('address', config.addressRequestsPerMinute),
    signIn: limit('sign-in', config.signInsPerMinute),
    callers,
    audit,
    now,
  });
  const outbound = createOutbound({ ...config, deadlineMs, fetch, log });
  const clusterOf = (name: string, urls: readonly string[]) => createCluster({ name, urls, now, random: parts.random });
  const clusters = {
    conversations: clusterOf('conversations', config.conversationsUrls),
    messages: clusterOf('messages', config.messagesUrls),
    realtime: clusterOf('realtime', config.realtimeUrls),
  };
  const conversationsUrls = () => clusters.conversations.instances.map(({ url }) => url);
  const watch = watchClusters({
    clusters: Object.values(clusters),
    intervalMs: config.healthCheckMs,
    file: config.destinationsFile,
    fetch,
    log,
    onSilent: ({ url }) => void relay.askSockets(url),
  });
  gauge(metrics, 'bff_instances_available', 'Instances of services that take requests', () =>
    Object.values(clusters).reduce((sum, { available }) => sum + available, 0),
  );

  const app = createApp({
    log,
    metrics,
    draining,
    checks: { redis: () => redis.ping() },
    // People who are signed in are served without it.
    optionalChecks: { issuer: createIssuerPresence({ issuers: issuers.all, now }) },
    auth: authentication(parts, issuers),
    issuers,
    audit,
    limits,
    store: createLoginStore(redis),
    sessions,
    accessTokens: createAccessTokens({ sessions, issuers, now, log, audit }),
    proxyRoutes,
    tickets: createTicketStore(redis),
    directory: createDirectory(outbound.client('conversations', conversationsUrls), log),
    cookies,
    upstreamOf: (route) => createUpstream({ route, cluster: clusters[route.service], deadlineMs, fetch, now, log }),
    machineTokens: outbound.tokens,
    web: {
      folder: config.webDist ?? join(import.meta.dir, '../../../web/dist'),
      pagePolicy: pagePolicy([ownSocketUrl, socketUrl]),
    },
    socketUrl,
    publicUrl,
    origins,
    apiDocs: answersDocs(config),
    now,
  });
  const relay = createRelay({
    cluster: clusters.realtime,
    origins,
    destination: createDestination({ ...defaultOptions, name: 'realtime', deadlineMs: Math.min(deadlineMs, 5000) }),
    connect: connectSocket,
    sessionOf: (request) => socketSessionOf(request, { sessions, cookies, limits }),
    alive: sessions.alive,
    refused: (request, code) => noteSocketRefusal(request, code, { limits, audit }),
    clock: systemClock,
    random: parts.random,
    log,
    ...(parts.beatMs === undefined ? {} : { beatMs: parts.beatMs }),
  });
  gauge(metrics, 'bff_sockets', 'Sockets that are relayed', () => relay.size);
  return {
    app,
    issuers,
    sessions,
    relay,
    fetch: createEdge({
      app,
      relay,
      harden: createHardening(publicUrl),
      callers,
      limits,
      metrics: answersMetrics(config),
    }),
    websocket: relay.websocket,
    clusters,
    watch,
  };
};

/** A refused handshake counts against its address: the audit log must not be what a flood fills. */
const noteSocketRefusal = async (
  request: Request,
  code: 'origin' | 'token-invalid',
  { limits, audit }: { limits: Limits; audit: Audit },
): Promise<ProblemError | undefined> => {
  try {
    await limits.ofAddress(request);
  } catch (error) {
    if (error instanceof ProblemError) return error;
    throw error;
  }
  audit({ event: code === 'origin' ? 'access.refused' : 'token.refused', code, route: 'GET /realtime' }, request);
  return undefined;
};

const authentication = ({ config, fetch, now }: BffParts, issuers: Issuers): Authentication => {
  const verify = createTokenVerifier({
    ...config,
    audiences: [serviceAudience('bff')],
    typ: config.accessTokenTyp,
    // Anybody may post a logout token: of two sets of keys a flood there and here would fetch both. Nor do both try in vain while the issuer is away.
    keysOf: (alias) => issuers.of({ issuer: alias }).keys,
    fetch,
    now,
  });
  return { verify, service: 'bff', apiAudience: config.apiAudience };
};
