import { join } from 'node:path';
import { answersReady } from './issuer-part.ts';
import { keyFileOf } from './keys.ts';
import { type RedisPasswords, redisUrlOf } from './redis-users.ts';
import type { StackSettings } from './settings.ts';
import type { Part } from './supervisor.ts';

/** The services in the order in which they are stopped: who calls comes before who is called. */
export const services = ['bff', 'realtime', 'messages', 'conversations'] as const;
export type Service = (typeof services)[number];

/** Where the services find what they stand on. */
export type Foundation = {
  databaseUrls: { conversations: string; messages: string };
  redisUrl: string;
  /** Of the services' own users there; without them all services use `redisUrl` as it is. */
  redisPasswords?: RedisPasswords | undefined;
  issuer: string;
  keysDir: string;
  logsDir: string;
  /** Where mails land that no server sends. */
  mailDir?: string;
  ports: Record<string, number>;
  /** The one port at which people find all BFFs, each of which has one of its own besides. */
  sharedPort?: number | undefined;
};

/** The names of a service's processes: `messages`, `messages-2`, … */
export const processNames = (service: Service, replicas: number): string[] =>
  Array.from({ length: replicas }, (_, at) => (at === 0 ? service : `${service}-${at + 1}`));

/** Each process of each service. */
export function serviceParts(settings: StackSettings, foundation: Foundation): Part[] {
  const env = commonEnvironment(settings, foundation);
  return services.flatMap((service) =>
    processNames(service, settings.replicas).map((name) => servicePart(name, service, settings, foundation, env)),
  );
}

function servicePart(
  name: string,
  service: Service,
  { root }: StackSettings,
  foundation: Foundation,
  env: Part['launch']['env'],
): Part {
  const port = portOf(foundation, name);
  return {
    name,
    url: service === 'bff' ? `http://localhost:${publicPort(name, foundation) ?? port}` : loopback(port),
    logFile: join(foundation.logsDir, `${name}.log`),
    isReady: () => answersReady(loopback(port)),
    launch: {
      // A service gets what is listed here: an .env file of the project must not hand it the database owner's URL.
      command: [process.execPath, '--no-env-file', join('apps', service, 'src/main.ts')],
      cwd: root,
      env: {
        ...env,
        PORT: String(port),
        REDIS_URL: redisUrlFor(service, foundation),
        OIDC_CLIENT_ID: env.OIDC_CLIENT_ID || service,
        OIDC_CLIENT_KEY_FILE: env.OIDC_CLIENT_KEY_FILE || keyFileOf(foundation.keysDir, service),
        DATABASE_URL:
          service === 'conversations' || service === 'messages' ? foundation.databaseUrls[service] : undefined,
        ...(service === 'bff' ? { WEB_DIST: join(root, 'web/dist'), SHARED_PORT: sharedPortOf(foundation) } : {}),
        ...(service === 'conversations' ? { MAIL_DIR: env.MAIL_DIR || foundation.mailDir } : {}),
      },
      stopSignal: 'SIGTERM',
    },
  };
}

function commonEnvironment(settings: StackSettings, foundation: Foundation): Part['launch']['env'] {
  const { env, publicUrl, replicas, external } = settings;
  const urlsOf = (service: Service): string =>
    processNames(service, replicas)
      .map((name) => loopback(portOf(foundation, name)))
      .join(',');
  return {
    // With the embedded issuer the clients are those that it knows.
    ...(external.issuer === undefined ? { ...env, OIDC_CLIENT_ID: '', OIDC_CLIENT_KEY_FILE: '' } : env),
    NODE_ENV: env.NODE_ENV || 'development',
    HOST: '127.0.0.1',
    OIDC_ISSUER: foundation.issuer,
    OIDC_ISSUER_ALIAS: env.OIDC_ISSUER_ALIAS || 'local',
    API_AUDIENCE: env.API_AUDIENCE || 'urn:chatapp:api',
    OIDC_ACCESS_TOKEN_TYP: env.OIDC_ACCESS_TOKEN_TYP || 'at+jwt',
    BFF_URL: urlsOf('bff'),
    CONVERSATIONS_URL: urlsOf('conversations'),
    MESSAGES_URL: urlsOf('messages'),
    REALTIME_URL: urlsOf('realtime'),
    PUBLIC_URL: publicUrl,
    ORIGINS: env.ORIGINS || new URL(publicUrl).origin,
  };
}

function redisUrlFor(service: Service, { redisUrl, redisPasswords }: Foundation): string {
  return redisPasswords === undefined ? redisUrl : redisUrlOf(redisUrl, service, redisPasswords);
}

function portOf({ ports }: Foundation, name: string): number {
  const port = ports[name];
  if (port === undefined) throw new Error(`No port was picked for ${name}.`);
  return port;
}

/** People's address is the first one's in run.json; the others are named by their own. */
const publicPort = (name: string, { sharedPort }: Foundation): number | undefined =>
  name === 'bff' ? sharedPort : undefined;

const sharedPortOf = ({ sharedPort }: Foundation): string | undefined =>
  sharedPort === undefined ? undefined : String(sharedPort);

const loopback = (port: number): string => `http://127.0.0.1:${port}`;
