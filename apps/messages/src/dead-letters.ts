// The operator's tool: `bun run dead-letters list|show|replay|drop`, on the Redis of REDIS_URL, else that of the stack in CHATAPP_DATA_DIR.
import { join } from 'node:path';
import { shardSettings } from '@chatapp/service/common-settings';
import { readConfig } from '@chatapp/service/config';
import { start } from '@chatapp/service/lifecycle';
import { silentLog } from '@chatapp/service/log';
import { connectRedis, redisReady } from '@chatapp/service/redis';
import { runDeadLetters } from './commands/dead-letters.ts';

start(async () => {
  const { shards } = readConfig(shardSettings, process.env);
  const url = await redisUrl();
  const redis = connectRedis({ url, role: 'commands', log: silentLog() });
  const subscriber = connectRedis({ url, role: 'subscriber', log: silentLog() });
  try {
    await Promise.all([redisReady(redis, 5000), redisReady(subscriber, 5000)]);
    const parts = { redis, subscriber, shards, answerMaxMs: 10_000, now: Date.now, print: console.log };
    process.exitCode = (await runDeadLetters(process.argv.slice(2), parts)) ? 0 : 1;
  } finally {
    redis.disconnect();
    subscriber.disconnect();
  }
});

async function redisUrl(): Promise<string> {
  const given = process.env.REDIS_URL;
  if (given) return given;
  const file = join(process.env.CHATAPP_DATA_DIR || '.data', 'run.json');
  const run = (await Bun.file(file)
    .json()
    .catch(() => ({}))) as { redis?: { url?: string } };
  const url = run.redis?.url;
  if (url === undefined) throw new Error(`Set REDIS_URL, or start the stack first: ${file} names no Redis.`);
  return url;
}
