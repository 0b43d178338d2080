// The operator's tool: `bun run dead-letters list|show|replay|drop`, on the Redis of REDIS_URL, else that of the stack in CHATAPP_DATA_DIR.
import { join } from 'node:path';
import { start } from '@chatapp/service/lifecycle';
import { silentLog } from '@chatapp/service/log';
import { connectRedis, redisReady } from '@chatapp/service/redis';
import type { Redis } from 'ioredis';
import { runDeadLetters } from './commands/dead-letters.ts';

start(async () => {
  const { url, file } = await findRedis();
  if (url === undefined) return refuse(`${file} names no Redis: start the stack, or set REDIS_URL.`);
  const redis = connectRedis({ url, role: 'commands', log: silentLog() });
  const subscriber = connectRedis({ url, role: 'subscriber', log: silentLog() });
  try {
    if (!(await areReady(redis, subscriber))) {
      return refuse('Redis does not answer: start the stack, or set REDIS_URL to the address of the services’ Redis.');
    }
    const parts = { redis, subscriber, answerMaxMs: 10_000, now: Date.now, print: console.log };
    process.exitCode = (await runDeadLetters(process.argv.slice(2), parts)) ? 0 : 1;
  } finally {
    redis.disconnect();
    subscriber.disconnect();
  }
});

function refuse(said: string): void {
  console.error(said);
  process.exitCode = 1;
}

const areReady = (...connections: Redis[]): Promise<boolean> =>
  Promise.all(connections.map((redis) => redisReady(redis, 5000))).then(
    () => true,
    () => false,
  );

async function findRedis(): Promise<{ url?: string | undefined; file: string }> {
  const file = join(process.env.CHATAPP_DATA_DIR || '.data', 'run.json');
  if (process.env.REDIS_URL) return { url: process.env.REDIS_URL, file };
  const run = (await Bun.file(file)
    .json()
    .catch(() => ({}))) as { redis?: { url?: string } };
  return { url: run.redis?.url, file };
}
