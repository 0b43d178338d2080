import type { Access, Memberships } from '@chatapp/contract/http-conversations';
import type { Role } from '@chatapp/contract/roles';
import { serviceAudience } from '@chatapp/contract/scopes';
import { systemClock } from '@chatapp/resilience/clock';
import { silentLog } from '@chatapp/service/log';
import { createMetrics } from '@chatapp/service/metrics';
import { ProblemError } from '@chatapp/service/problem';
import { connectRedis, redisReady } from '@chatapp/service/redis';
import { createTokenVerifier, type VerifierOptions } from '@chatapp/service/token-verifier';
import type { TestIssuer } from '../../../../dev/testing/issuer.ts';
import { type AccessCache, createAccessCache } from '../access/access.ts';
import { createApp } from '../app.ts';
import { createAnnouncer } from '../commands/announcer.ts';
import { createBury, createBuryBeside, createBuryCommand } from '../commands/bury.ts';
import { createCommandLimit } from '../commands/command-limit.ts';
import { countCommand } from '../commands/command-limit-store.ts';
import { createGatheredSave } from '../commands/gathered-save.ts';
import { createRunCommand } from '../commands/run-command.ts';
import { type TestMessages, testShards } from './database.ts';

export interface TestService {
  readonly access: AccessCache;
  /** Who has which role where; `undefined` for the whole stands for a conversations service that is away. */
  members: Map<string, Access> | undefined;
  join(conversationId: string, userId: string, role?: Role, version?: number): void;
  /** Asks a route; a body makes it JSON. Answers status, headers and the parsed body. */
  call(request: TestRequest): Promise<TestAnswer>;
  readonly app: ReturnType<typeof createApp>;
  close(): void;
}

export interface TestRequest {
  readonly method?: string;
  readonly path: string;
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
  /** As it came. */
  readonly text: string;
}

/** The HTTP surface of one instance on a real database and Redis, with tokens of a real issuer. Memberships are the test's to say. */
export const testService = async (parts: {
  readonly messages: TestMessages;
  readonly redisUrl: string;
  readonly issuer: TestIssuer;
  readonly readsEvents?: () => boolean;
  readonly commandsPerMinute?: number;
  readonly conversationCommandsPerMinute?: number;
  readonly furtherIssuers?: VerifierOptions['furtherIssuers'];
}): Promise<TestService> => {
  const { messages, issuer } = parts;
  const log = silentLog();
  const clock = systemClock;
  const redis = connectRedis({ url: parts.redisUrl, role: 'commands', log });
  await redisReady(redis);
  const closing = new AbortController();

  const known = () => {
    if (!service.members) throw new ProblemError('unavailable', { retryAfterMs: 1000 });
    return service.members;
  };
  const conversations = {
    access: async (conversationId: string, userId: string): Promise<Access | undefined> =>
      known().get(`${conversationId} ${userId}`),
    memberships: async (userId: string): Promise<Memberships> => ({
      items: [...known()].flatMap(([key, access]) => {
        const [id = '', member] = key.split(' ');
        return member === userId ? [{ id, ...access }] : [];
      }),
    }),
  };
  const access = createAccessCache({
    ask: conversations.access,
    readsEvents: parts.readsEvents ?? (() => false),
    now: clock.now,
    keepMs: 60_000,
  });
  const announcer = createAnnouncer({ redis, shards: testShards, log, clock, signal: closing.signal });
  const limitOf = (name: 'person' | 'conversation', perMinute = 60_000) =>
    createCommandLimit({
      ...{ name, perMinute, now: clock.now },
      count: (id, minute) => countCommand(redis, { name, id, minute }),
    });
  const limits = {
    person: limitOf('person', parts.commandsPerMinute),
    conversation: limitOf('conversation', parts.conversationCommandsPerMinute),
  };
  const newId = () => Bun.randomUUIDv7();
  const verify = createTokenVerifier({
    issuer: issuer.issuer,
    issuerAlias: issuer.alias,
    furtherIssuers: parts.furtherIssuers,
    audiences: [serviceAudience('messages'), 'urn:chatapp:api'],
    typ: 'at+jwt',
    fetch,
    now: Date.now,
  });
  const burying = { redis, dead: { add: () => undefined }, log };
  const bury = createBuryBeside(createBuryCommand(createBury(burying)), burying);
  const gathered = createGatheredSave({
    ...{ save: messages.save, bury, announcer, clock, random: Math.random, log },
    batchCommandsMax: 128,
  });
  const app = createApp({
    auth: { verify, service: 'messages', apiAudience: 'urn:chatapp:api' },
    ...{ access, conversations, sql: messages.sql, shards: testShards, newId, log },
    run: createRunCommand({ access, save: gathered, limits, now: Date.now }),
    metrics: createMetrics('messages'),
    checks: { database: () => messages.sql`SELECT 1`, redis: () => redis.ping() },
    draining: () => false,
  });
  const service: TestService = {
    ...{ access, app },
    members: new Map(),
    join: (conversationId, userId, role = 'member', version = 1) => {
      service.members?.set(`${conversationId} ${userId}`, { role, version });
    },
    async call({ method = 'GET', path, token, body, headers = {} }) {
      const response = await app.fetch(
        new Request(`http://localhost${path}`, {
          method,
          headers: {
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      );
      const text = await response.text();
      const isJson = response.headers.get('content-type')?.includes('json') ?? false;
      return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : undefined, text };
    },
    close: () => {
      closing.abort();
      redis.disconnect();
    },
  };
  return service;
};

/** Who an access token speaks for, in the issuer's own words. */
export const subjectOf = (token: string): string => {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
  return (JSON.parse(payload) as { sub: string }).sub;
};
