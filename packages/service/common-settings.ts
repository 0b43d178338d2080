import { apiAudience, type ServiceName } from '@chatapp/contract/scopes';
import { integer, oneOf, optional, text, url, urls } from './config.ts';
import { furtherIssuersSetting } from './further-issuers.ts';
import { passwordFile } from './password-file.ts';
import { safely } from './safe-address.ts';

/** Settings that several services read, declared once. An app picks the ones it needs. */

export const listenSettings = (port: number) => ({
  environment: oneOf('NODE_ENV', ['development', 'test', 'production'], {
    about: 'in production a service refuses to start with settings that are for development',
    default: 'development',
  }),
  port: integer('PORT', { about: 'TCP port to listen on', default: port, min: 0, max: 65_535 }),
  host: text('HOST', { about: 'address to listen on; 0.0.0.0 in a container', default: '127.0.0.1' }),
  wildcardHost: oneOf('WILDCARD_HOST', ['refused', 'allowed'], {
    about: 'whether HOST may be 0.0.0.0 or :: in production: where the network is the process’s own, as in a container',
    default: 'refused',
  }),
  logLevel: oneOf('LOG_LEVEL', ['debug', 'info', 'warn', 'error', 'silent'], {
    about: 'least severity that is logged',
    default: 'info',
  }),
  requestDeadlineMs: integer('REQUEST_DEADLINE_MS', {
    about: 'the longest a request may take, ms, calls to other services included',
    default: 10_000,
    min: 100,
    max: 120_000,
  }),
  apiDocs: optional(
    oneOf('API_DOCS', ['on', 'off'], {
      about: 'whether /swagger answers; default: on, but for production and where PUBLIC_URL is https',
    }),
  ),
});

export const redisSettings = {
  redisUrl: url('REDIS_URL', ['redis', 'rediss'], { about: 'the Redis that all services share' }),
  redisPassword: optional(
    passwordFile('REDIS_PASSWORD_FILE', {
      about: 'file with the password of the user in REDIS_URL, in its place; read again at every connection',
    }),
  ),
};

export const databaseSettings = {
  databaseUrl: url('DATABASE_URL', ['postgres', 'postgresql'], {
    about: "PostgreSQL 15 or YugabyteDB (YSQL) with this service's own role",
  }),
  databasePassword: optional(
    passwordFile('DATABASE_PASSWORD_FILE', {
      about: 'file with the password of the role in DATABASE_URL, in its place; read again at every connection',
    }),
  ),
  databasePoolMax: integer('DATABASE_POOL_MAX', { about: 'connections an instance', default: 10, min: 1, max: 200 }),
};

export const issuerSettings = {
  issuer: safely(
    url('OIDC_ISSUER', ['https', 'http'], { about: 'the OpenID Connect issuer, as its discovery document names it' }),
  ),
  issuerAlias: text('OIDC_ISSUER_ALIAS', {
    about: 'short name of the issuer; part of every user id, never change it',
    default: 'local',
  }),
  accessTokenTyp: text('OIDC_ACCESS_TOKEN_TYP', { about: '`typ` of access tokens (RFC 9068)', default: 'at+jwt' }),
  apiAudience: text('API_AUDIENCE', { about: "audience of a person's access token", default: apiAudience }),
  furtherIssuers: furtherIssuersSetting,
};

export const clientSettings = (service: ServiceName) => ({
  clientId: text('OIDC_CLIENT_ID', { about: 'client of this service at the issuer', default: service }),
  clientKeyFile: text('OIDC_CLIENT_KEY_FILE', {
    about: 'file with the private JWK of this client (private_key_jwt)',
  }),
});

const httpUrls = (name: string, service: string) =>
  urls(name, ['http', 'https'], { about: `instances of ${service}, comma list` });

export const serviceUrlSettings = {
  bffUrls: httpUrls('BFF_URL', 'the BFF'),
  conversationsUrls: httpUrls('CONVERSATIONS_URL', 'conversations'),
  messagesUrls: httpUrls('MESSAGES_URL', 'messages'),
  realtimeUrls: httpUrls('REALTIME_URL', 'realtime'),
};

export const originSettings = {
  publicUrl: url('PUBLIC_URL', ['http', 'https'], {
    about: 'where browsers reach the BFF',
    default: 'http://localhost:3000',
  }),
  origins: optional(
    urls('ORIGINS', ['http', 'https'], { about: 'origins whose pages may call besides PUBLIC_URL, comma list' }),
  ),
};

export const shardSettings = {
  shards: integer('SHARDS', {
    about: 'command streams; kept in the database, never change it',
    default: 16,
    min: 1,
    max: 1024,
  }),
};

/** What both that take commands hold: believed and counted alike, by whichever road one comes. */
export const commandSettings = {
  accessCacheSeconds: integer('ACCESS_CACHE_SECONDS', {
    about: 'how long an answer about access to a conversation is believed, seconds',
    default: 60,
    min: 1,
    max: 600,
  }),
  commandsPerMinute: integer('COMMANDS_PER_MINUTE', {
    about: 'messages, edits, deletions and reactions of one person a minute, with a burst of a sixth of it',
    default: 120,
    min: 6,
    max: 1_000_000,
  }),
  conversationCommandsPerMinute: integer('CONVERSATION_COMMANDS_PER_MINUTE', {
    about: 'commands of all members of one conversation a minute, with a burst of a sixth of it',
    default: 6000,
    min: 6,
    max: 10_000_000,
  }),
};
