import { chmodSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../dev/ports.ts';
import { answersQueries, postgresUrl, preparePostgres } from '../../dev/postgres.ts';
import { answersPing, prepareRedis, redisUrl } from '../../dev/redis.ts';
import { type RedisPasswords, redisUrlOf } from '../../dev/redis-users.ts';
import type { StartedParts } from './started-parts.ts';

const password = 'bench';

/** A folder for data and logs that the database's user can walk through when we are root. */
export const makeFolder = async (folder: string): Promise<string> => {
  await mkdir(join(folder, 'logs'), { recursive: true });
  chmodSync(folder, 0o711);
  return join(folder, 'logs');
};

/** The same PostgreSQL with the same settings for everybody, durable; answers the superuser's URL. */
export const startPostgres = async (parts: StartedParts, folder: string, secret = password): Promise<string> => {
  const port = await freePort();
  const url = postgresUrl(port, secret);
  const launch = await preparePostgres({ folder: join(folder, 'postgres'), port, password: secret, durable: true });
  await parts.start({ name: 'postgres', url, launch, isReady: () => answersQueries(url) });
  return url;
};

/** A real redis-server, where wanted with a user for each service; answers the URL of who may do everything. */
export const startRedis = async (
  parts: StartedParts,
  folder: string,
  passwords?: RedisPasswords,
  name = 'redis',
): Promise<string> => {
  const port = await freePort();
  const bare = redisUrl(port);
  const url = passwords === undefined ? bare : redisUrlOf(bare, 'default', passwords);
  const launch = await prepareRedis({ folder: join(folder, 'redis'), port, kind: 'real', passwords });
  await parts.start({ name, url, launch, isReady: () => answersPing(url) });
  return url;
};
