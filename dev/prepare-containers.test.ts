import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { parse } from 'yaml';
import { freePort } from './ports.ts';
import { answersQueries } from './postgres.ts';
import { answersPing, prepareRedis, redisServerPath, redisUrl } from './redis.ts';
import { startTestPostgres, type TestPostgres } from './testing/postgres.ts';
import { type Started, startReady } from './testing/started.ts';
import { temporaryFolder } from './testing/temporary.ts';

type Compose = { services: Record<string, { environment?: Record<string, string> }> };

const root = join(import.meta.dir, '..');
const services = ['bff', 'conversations', 'messages', 'realtime'];

/** The environment of a container where nothing is set from outside: `${NAME:-default}`, also in one another. */
function environmentOf({ services }: Compose, name: string): Record<string, string> {
  const filled = (text: string): string => {
    const next = text.replace(/\$\{\w+:-([^${}]*)\}/g, '$1');
    return next === text ? text : filled(next);
  };
  const variables = services[name]?.environment ?? {};
  return Object.fromEntries(Object.entries(variables).map(([variable, value]) => [variable, filled(String(value))]));
}

describe.skipIf(redisServerPath() === null && process.env.CI === undefined)('dev/prepare-containers.ts', () => {
  let compose: Compose;
  let database: TestPostgres;
  let redis: Started;
  let redisPort: number;
  let usersFile: string;

  beforeAll(async () => {
    compose = parse(await Bun.file(join(root, 'compose.yaml')).text(), { merge: true });
    const folder = temporaryFolder('containers');
    usersFile = join(folder, 'users.acl');
    database = await startTestPostgres();
    const child = Bun.spawn([process.execPath, '--no-env-file', 'dev/prepare-containers.ts'], {
      cwd: root,
      env: {
        ...environmentOf(compose, 'prepare'),
        ...{ DATABASE_URL: database.url, REDIS_USERS_FILE: usersFile, KEYS_DIR: join(folder, 'keys') },
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    expect(await child.exited).toBe(0);
    redisPort = await freePort();
    const launch = await prepareRedis({ folder, port: redisPort, kind: 'real' });
    launch.command.push('--aclfile', usersFile);
    redis = await startReady(launch, join(folder, 'log'), () => answersPing(redisUrl(redisPort)));
  }, 60_000);
  afterAll(async () => {
    await redis?.stop();
    await database?.stop();
  });

  it('lets each service of compose.yaml into Redis, as the user of its name', async () => {
    for (const service of services) {
      const url = new URL(environmentOf(compose, service).REDIS_URL ?? '');
      expect(url.username).toBe(service);
      url.host = `127.0.0.1:${redisPort}`;
      const client = new Redis(url.href, { retryStrategy: () => null });
      expect(await client.ping()).toBe('PONG');
      await expect(client.flushall()).rejects.toThrow('NOPERM');
      client.disconnect();
    }
  });

  it('lets the health check of Redis in as the operator', async () => {
    const password = environmentOf(compose, 'redis').REDISCLI_AUTH ?? '';
    const client = new Redis(redisPort, '127.0.0.1', { password, retryStrategy: () => null });
    expect(await client.ping()).toBe('PONG');
    client.disconnect();
  });

  it('lets each data service of compose.yaml into its database', async () => {
    for (const service of ['conversations', 'messages']) {
      const url = new URL(environmentOf(compose, service).DATABASE_URL ?? '');
      const { hostname, port } = new URL(database.url);
      url.hostname = hostname;
      url.port = port;
      expect(await answersQueries(url.href)).toBeTrue();
    }
  });

  it('writes a file of users that another container may read, without a password in it', async () => {
    expect((await stat(usersFile)).mode & 0o777).toBe(0o644);
    expect(await Bun.file(usersFile).text()).not.toContain('development');
  });
});
