import { Redis } from 'ioredis';
import type { Log } from './log.ts';

/**
 * - `commands`: answers within a bound or fails, so that a request can say 503; several commands of a tick go in one pipeline.
 * - `blocking`, `subscriber`: wait for data for ever and come back by themselves.
 */
export type RedisRole = 'commands' | 'blocking' | 'subscriber';

export const connectRedis = (options: { url: string; role: RedisRole; log: Log; name?: string }): Redis => {
  const { role, log } = options;
  const redis = new Redis(options.url, {
    connectionName: options.name ?? role,
    connectTimeout: 2000,
    // Comes back soon after a short break and does not hammer a server that is away.
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 6), 1000) * (0.5 + Math.random() / 2),
    ...(role === 'commands'
      ? { enableAutoPipelining: true, maxRetriesPerRequest: 0, commandTimeout: 2000, enableOfflineQueue: false }
      : { maxRetriesPerRequest: null, autoResendUnfulfilledCommands: role === 'subscriber' }),
  });
  // One line a break, not one an attempt.
  let down = false;
  redis.on('error', (error) => {
    if (!down) log.warn({ error, role }, 'Redis connection broke');
    down = true;
  });
  redis.on('ready', () => {
    if (down) log.info({ role }, 'Redis connection is back');
    down = false;
  });
  return redis;
};

/** Resolves when the connection is ready, or rejects after `timeoutMs`. */
export const redisReady = async (redis: Redis, timeoutMs = 10_000): Promise<void> => {
  if (redis.status === 'ready') return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error('Redis does not answer (REDIS_URL)')), timeoutMs);
  redis.once('ready', resolve);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    redis.off('ready', resolve);
  }
};
