import { readConfig } from '@chatapp/service/config';
import { endingInDoubt } from '@chatapp/service/lifecycle';
import { createLog, silentLog } from '@chatapp/service/log';
import { createMetrics } from '@chatapp/service/metrics';
import { connectRedis, redisReady } from '@chatapp/service/redis';
import type { Redis } from 'ioredis';
import { CookieJar } from '../../../dev/issuer/cookie-jar.ts';
import { signInByForms } from '../../../dev/issuer/sign-in.ts';
import { freePort } from '../../../dev/ports.ts';
import { type TestIssuer, testIssuer } from '../../../dev/testing/issuer.ts';
import { type TestRedis, testRedis } from '../../../dev/testing/redis.ts';
import { type Bff, createBff } from '../src/bff.ts';
import { checkConfig } from '../src/check-config.ts';
import { settings } from '../src/config.ts';
import type { ProxyRoute } from '../src/proxy/routes.ts';
import type { SocketData } from '../src/realtime/link.ts';
import { type Mirror, startMirror } from './mirror.ts';

/** One listening instance of the BFF. */
export interface Instance {
  readonly url: string;
  readonly bff: Bff;
  /** What it has logged, a JSON line each. */
  readonly logged: readonly string[];
  stop(): Promise<void>;
}

export interface Stand {
  /** The first instance, at PUBLIC_URL. */
  readonly url: string;
  readonly first: Instance;
  /** Answers as the conversations, messages and realtime services would. */
  readonly mirror: Mirror;
  readonly issuer: TestIssuer;
  readonly redis: TestRedis;
  /** The lines of the audit log of all instances, oldest first. */
  audited(event?: string): Record<string, unknown>[];
  /** A connection of the test's own. */
  readonly store: Redis;
  /** Another instance with the same PUBLIC_URL, as behind a balancer. */
  another(env?: Record<string, string>, port?: number): Promise<Instance>;
  signIn(login: string, options?: { returnTo?: string; at?: string; userAgent?: string }): Promise<Browser>;
  stop(): Promise<void>;
}

export interface StandOptions {
  readonly proxyRoutes?: readonly ProxyRoute[];
  readonly env?: Record<string, string>;
  readonly issuerEnv?: Record<string, string>;
  readonly now?: () => number;
  /** How often the two sides of a socket are asked whether they are there; as in the product unless said. */
  readonly beatMs?: number;
}

/** A BFF with a real Redis and a real issuer, in front of a mirror. */
export const startStand = async (options: StandOptions = {}): Promise<Stand> => {
  const { env = {}, issuerEnv = {}, now = Date.now } = options;
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const [redis, issuer, mirror] = await Promise.all([
    testRedis(),
    testIssuer({ publicUrl: url, env: issuerEnv }),
    startMirror(),
  ]);
  const environment = {
    PUBLIC_URL: url,
    REDIS_URL: redis.url,
    OIDC_ISSUER: issuer.issuer,
    OIDC_CLIENT_KEY_FILE: issuer.keyFile('bff'),
    CONVERSATIONS_URL: mirror.url,
    MESSAGES_URL: mirror.url,
    REALTIME_URL: mirror.url,
    WEB_DIST: `${import.meta.dir}/web`,
    ...env,
  };
  const instances: Instance[] = [];
  const start = async (listenPort: number, more: Record<string, string>): Promise<Instance> => {
    const instance = await startInstance({ ...environment, ...more }, listenPort, { ...options, now });
    instances.push(instance);
    return instance;
  };
  const first = await start(port, {});
  const store = connectRedis({ url: redis.url, role: 'commands', log: silentLog() });
  await redisReady(store);
  return {
    url,
    first,
    mirror,
    issuer,
    redis,
    store,
    audited: (event) =>
      instances
        .flatMap(({ logged }) => logged.map((line) => JSON.parse(line) as Record<string, unknown>))
        .filter(({ audit }) => (event === undefined ? audit !== undefined : audit === event)),
    another: (more = {}, listenPort = 0) => start(listenPort, more),
    signIn: (login, { returnTo = '/', at = url, userAgent } = {}) => signInAt(at, login, { returnTo, userAgent }),
    async stop() {
      await Promise.all(instances.map((instance) => instance.stop()));
      store.disconnect();
      await Promise.all([mirror.stop(), redis.stop(), issuer.stop()]);
    },
  };
};

const startInstance = async (
  env: Record<string, string>,
  port: number,
  { now, proxyRoutes, beatMs }: StandOptions & { now: () => number },
): Promise<Instance> => {
  const config = checkConfig(readConfig(settings, env));
  const logged: string[] = [];
  const log = createLog({ service: 'bff', level: 'info', write: (line) => logged.push(line) });
  const redis = connectRedis({ url: config.redisUrl, role: 'commands', log });
  await redisReady(redis);
  const bff = createBff({
    config,
    redis,
    log,
    metrics: createMetrics('bff'),
    fetch,
    now,
    random: Math.random,
    draining: () => false,
    ...(proxyRoutes ? { proxyRoutes } : {}),
    ...(beatMs ? { beatMs } : {}),
  });
  const server = Bun.serve<SocketData>({
    hostname: '127.0.0.1',
    port,
    idleTimeout: 30,
    fetch: endingInDoubt<SocketData>(bff.fetch),
    websocket: bff.websocket,
  });
  return {
    url: `http://localhost:${server.port}`,
    bff,
    logged,
    async stop() {
      bff.watch.stop();
      await bff.relay.drain();
      await server.stop(true);
      redis.disconnect();
    },
  };
};

/** A signed-in pretended browser. */
export interface Browser {
  readonly cookies: CookieJar;
  /** The answer that ended the sign-in. */
  readonly landed: Response;
  readonly landedAt: string;
  /** Sends with the cookie, `X-CSRF: 1` and the origin of a page of ours. */
  call(method: string, path: string, init?: RequestInit & { at?: string }): Promise<Response>;
  /** The value of the `Cookie` header. */
  cookie(): string;
}

const signInAt = async (
  url: string,
  login: string,
  { returnTo, userAgent }: { returnTo: string; userAgent: string | undefined },
): Promise<Browser> => {
  const startUrl = `${url}/bff/login?${new URLSearchParams({ returnTo })}`;
  const { cookies, response, finalUrl } = await signInByForms({
    ...{ startUrl, login, password: login },
    fetch: (to, init) => fetch(to, userAgent === undefined ? init : named(init, userAgent)),
  });
  return browserWith(url, cookies, response, finalUrl);
};

const named = (init: RequestInit, userAgent: string): RequestInit => {
  const headers = new Headers(init.headers);
  headers.set('user-agent', userAgent);
  return { ...init, headers };
};

export const browserWith = (url: string, cookies: CookieJar, landed: Response, landedAt: string): Browser => ({
  cookies,
  landed,
  landedAt,
  cookie: () => cookies.header(url),
  call: (method, path, { at = url, headers = {}, ...init } = {}) =>
    fetch(`${at}${path}`, {
      method,
      redirect: 'manual',
      ...init,
      headers: {
        cookie: cookies.header(url),
        'x-csrf': '1',
        // Of the page where the sign-in ended, whichever instance answers.
        origin: new URL(landedAt).origin,
        ...(headers as Record<string, string>),
      },
    }),
});

export { CookieJar };
