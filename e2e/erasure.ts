import { join } from 'node:path';
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { openDatabase } from '../apps/conversations/src/database.ts';
import { deleteOldSent } from '../apps/conversations/src/events/outbox-store.ts';
import { trimStream } from '../apps/conversations/src/events/stream-store.ts';
import { redisUrlOf } from '../dev/redis-users.ts';
import type { RunFile } from '../dev/run-file.ts';
import { keptSecrets } from '../dev/secrets.ts';

/** Where a canary was seen: `table messages.messages`, `redis session:…`, `log bff.log`. */
export interface Seen {
  readonly canary: string;
  readonly where: string;
}

type Text = readonly [where: string, text: string];

/** Looks for canaries in all that a running stack has stored: every row of every table of every database, every key of Redis, every log. */
export const everywhere = async (dataDir: string, canaries: readonly string[]): Promise<readonly Seen[]> => {
  const texts = [...(await rows(dataDir)), ...(await keys(dataDir)), ...(await logs(dataDir))];
  const forms = canaries.map((canary) => ({ canary, forms: [canary, Buffer.from(canary).toString('hex')] }));
  return texts.flatMap(([where, text]) =>
    forms.filter((one) => one.forms.some((form) => text.includes(form))).map(({ canary }) => ({ canary, where })),
  );
};

/** What the services forget by themselves of the events in a week: the same statements, as of then. */
export const forgetOldEvents = async (dataDir: string): Promise<void> => {
  const inAWeek = new Date(Date.now() + 7 * 86_400_000);
  await withDatabase(dataDir, 'chatapp', async (sql) => {
    await sql`SET search_path TO conversations`;
    while ((await deleteOldSent(openDatabase(sql), { now: inAWeek, limit: 1000 })) > 0);
  });
  await withRedis(dataDir, (redis) => trimStream(redis, new Date()));
};

const stackOf = async (dataDir: string) => {
  const run = (await Bun.file(join(dataDir, 'run.json')).json()) as RunFile;
  const secrets = await keptSecrets(join(dataDir, 'secrets.json'));
  return { run, secrets };
};

const withDatabase = async <T>(dataDir: string, name: string, use: (sql: postgres.Sql) => Promise<T>): Promise<T> => {
  const { run, secrets } = await stackOf(dataDir);
  const url = new URL(run.postgres?.url ?? '');
  url.username = 'postgres';
  url.password = secrets.postgres;
  url.pathname = `/${name}`;
  const sql = postgres(url.href, { max: 1, onnotice: () => undefined });
  try {
    return await use(sql);
  } finally {
    await sql.end();
  }
};

export const withRedis = async <T>(dataDir: string, use: (redis: Redis) => Promise<T>): Promise<T> => {
  const { run, secrets } = await stackOf(dataDir);
  const redis = new Redis(redisUrlOf(run.redis?.url ?? '', 'default', secrets.redis));
  try {
    return await use(redis);
  } finally {
    redis.disconnect();
  }
};

const rows = async (dataDir: string): Promise<Text[]> => {
  const names = await withDatabase(dataDir, 'postgres', async (sql) => {
    const found = await sql<{ name: string }[]>`SELECT datname AS name FROM pg_database WHERE datallowconn`;
    return found.map(({ name }) => name).filter((name) => name !== 'template1');
  });
  const texts = names.map((name) =>
    withDatabase(dataDir, name, async (sql) => {
      const tables = await sql<{ schema: string; name: string }[]>`
        SELECT table_schema AS schema, table_name AS name FROM information_schema.tables
        WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`;
      return await Promise.all(
        tables.map(async (table): Promise<Text> => {
          const found = await sql`SELECT t::text AS row FROM ${sql(table.schema)}.${sql(table.name)} t`;
          return [`table ${name}.${table.schema}.${table.name}`, found.map(({ row }) => row).join('\n')];
        }),
      );
    }),
  );
  return (await Promise.all(texts)).flat();
};

const keys = (dataDir: string): Promise<Text[]> =>
  withRedis(dataDir, async (redis) => {
    const names = await redis.keys('*');
    return await Promise.all(
      names.map(async (name): Promise<Text> => [`redis ${name}`, `${name} ${await contentOf(redis, name)}`]),
    );
  });

const contentOf = async (redis: Redis, key: string): Promise<string> => {
  const type = await redis.type(key);
  switch (type) {
    case 'string':
      return (await redis.get(key)) ?? '';
    case 'hash':
      return JSON.stringify(await redis.hgetall(key));
    case 'list':
      return JSON.stringify(await redis.lrange(key, 0, -1));
    case 'set':
      return JSON.stringify(await redis.smembers(key));
    case 'zset':
      return JSON.stringify(await redis.zrange(key, '0', '-1'));
    case 'stream':
      return JSON.stringify(await redis.xrange(key, '-', '+'));
    case 'none':
      // It ran out meanwhile.
      return '';
    default:
      throw new Error(`a key of the kind ${type}, which nobody looks into`);
  }
};

const logs = async (dataDir: string): Promise<Text[]> => {
  const files = await Array.fromAsync(new Bun.Glob('**/*').scan(join(dataDir, 'logs')));
  return await Promise.all(
    files.map(async (file): Promise<Text> => [`log ${file}`, await Bun.file(join(dataDir, 'logs', file)).text()]),
  );
};
