import { join } from 'node:path';
import postgres from 'postgres';
import { freePort } from '../../../dev/ports.ts';
import type { RedisKind } from '../../../dev/redis.ts';
import { type ChatSocket, openSocket } from '../../../dev/testing/chat-socket.ts';
import { testDatabase } from '../../../dev/testing/database.ts';
import { eventually } from '../../../dev/testing/eventually.ts';
import { type TestIssuer, testIssuer } from '../../../dev/testing/issuer.ts';
import { type Person, signIn } from '../../../dev/testing/person.ts';
import { type TestRedis, testRedis } from '../../../dev/testing/redis.ts';
import { type Started, startReady } from '../../../dev/testing/started.ts';
import { temporaryFolder } from '../../../dev/testing/temporary.ts';

/** A service as a process of its own, that a test may kill and start again on its port. */
export interface ServiceProcess {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
  kill(): void;
  /** After `stop` or `kill`. `env`: for this run only. */
  start(env?: Record<string, string>): Promise<void>;
}

/** The real chat around the realtime nodes under test: every service, its databases, Redis and the issuer. */
export interface Chat {
  readonly bff: ServiceProcess;
  readonly conversations: ServiceProcess;
  readonly messages: ServiceProcess;
  readonly nodes: readonly ServiceProcess[];
  readonly redis: TestRedis;
  readonly issuer: TestIssuer;
  /** Signs in through the forms; each call is a session of its own. */
  signIn(login: string): Promise<Person>;
  /** Opens a socket straight at a node (the first unless said) and resumes it with nothing. */
  connect(person: Person, options?: { node?: number; positions?: [string, number][] }): Promise<ChatSocket>;
  /** The messages service's tables, as the superuser. */
  readonly rows: postgres.Sql;
  stop(): Promise<void>;
}

export interface ChatOptions {
  readonly nodes?: number;
  readonly redis?: RedisKind;
  /** Further environment of every service. */
  readonly env?: Record<string, string>;
}

const root = join(import.meta.dir, '../../..');

export const startChat = async (options: ChatOptions = {}): Promise<Chat> => {
  const folder = temporaryFolder('realtime');
  const ports = await Promise.all(Array.from({ length: 3 + (options.nodes ?? 1) }, () => freePort()));
  const [bffPort = 0, conversationsPort = 0, messagesPort = 0, ...nodePorts] = ports;
  const publicUrl = `http://localhost:${bffPort}`;
  const [redis, issuer, conversationsDatabase, messagesDatabase] = await Promise.all([
    testRedis(options.redis),
    testIssuer({ publicUrl }),
    testDatabase('conversations'),
    testDatabase('messages'),
  ]);
  const urlOf = (port: number) => `http://127.0.0.1:${port}`;
  const common = {
    HOST: '127.0.0.1',
    LOG_LEVEL: 'info',
    REDIS_URL: redis.url,
    OIDC_ISSUER: issuer.issuer,
    OIDC_ISSUER_ALIAS: issuer.alias,
    BFF_URL: urlOf(bffPort),
    CONVERSATIONS_URL: urlOf(conversationsPort),
    MESSAGES_URL: urlOf(messagesPort),
    REALTIME_URL: nodePorts.map(urlOf).join(','),
    REALTIME_PUBLIC_URL: `ws://127.0.0.1:${nodePorts[0]}/realtime`,
    PUBLIC_URL: publicUrl,
    ORIGINS: publicUrl,
    ...options.env,
  };
  const service = (name: string, port: number, env: Record<string, string> = {}) =>
    serviceProcess({
      name,
      port,
      log: join(folder, `${name}-${port}.log`),
      env: { ...common, PORT: String(port), OIDC_CLIENT_ID: name, OIDC_CLIENT_KEY_FILE: issuer.keyFile(name), ...env },
    });
  const [conversations, messages, bff, ...nodes] = await Promise.all([
    service('conversations', conversationsPort, { DATABASE_URL: conversationsDatabase.url }),
    service('messages', messagesPort, { DATABASE_URL: messagesDatabase.url }),
    service('bff', bffPort),
    ...nodePorts.map((port) => service('realtime', port)),
  ]);
  const rows = postgres(messagesDatabase.ownerUrl, { max: 2, connection: { search_path: 'messages' } });

  return {
    bff,
    conversations,
    messages,
    nodes,
    redis,
    issuer,
    rows,
    signIn: (login) => signIn(publicUrl, login),
    async connect(person, { node = 0, positions = [] } = {}) {
      const socket = await openSocket(person, { url: `ws://127.0.0.1:${nodePorts[node]}/realtime` });
      await eventually(async () => 'ok' in (await socket.request('resume', { conversations: positions })), {
        what: 'a resume that is answered',
      });
      return socket;
    },
    async stop() {
      await rows.end({ timeout: 1 });
      await Promise.all([bff, conversations, messages, ...nodes].map((process) => process.stop()));
      await Promise.all([redis.stop(), issuer.stop(), conversationsDatabase.close(), messagesDatabase.close()]);
    },
  };
};

const serviceProcess = async (options: {
  name: string;
  port: number;
  log: string;
  env: Record<string, string>;
}): Promise<ServiceProcess> => {
  const url = `http://127.0.0.1:${options.port}`;
  const { PATH = '', HOME = '' } = process.env;
  const begin = (env: Record<string, string> = {}): Promise<Started> =>
    startReady(
      {
        command: [process.execPath, '--no-env-file', join('apps', options.name, 'src/main.ts')],
        cwd: root,
        env: { PATH, HOME, NODE_ENV: 'development', ...options.env, ...env },
        stopSignal: 'SIGTERM',
      },
      options.log,
      async () => (await fetch(`${url}/health/ready`)).ok,
    );
  let running = await begin();
  return {
    url,
    get pid() {
      return running.pid;
    },
    stop: () => running.stop(),
    kill: () => running.kill(),
    start: async (env) => {
      running = await begin(env);
    },
  };
};
