import { type ChainableCommander, Redis } from 'ioredis';
import type { Log } from './log.ts';

/**
 * - `commands`: answers within a bound or fails, so that a request can say 503; several commands of a tick go in one pipeline.
 * - `blocking`, `subscriber`: wait for data for ever and come back by themselves.
 *
 * Of whichever role, a connection that is not greeted in time is made anew.
 */
export type RedisRole = 'commands' | 'blocking' | 'subscriber';

export interface RedisOptions {
  readonly url: string;
  /** In place of the URL's, asked for at every connection. */
  readonly password?: (() => string) | undefined;
  readonly role: RedisRole;
  readonly log: Log;
  readonly name?: string;
}

/** From a question to its answer, at most. */
const silenceMs = 2000;
/** From connected to ready: the sign-in, and the answer to whether Redis has loaded its data. */
const greetingMs = 3000;
/** Who is told to go and does not hang up is left: whoever swallowed the greeting swallows that, too. */
const partingMs = 250;

export const connectRedis = (options: RedisOptions): Redis => {
  const { role, log, password } = options;
  const redis = new Redis(password === undefined ? options.url : withoutUser(options.url), {
    ...(password === undefined ? {} : { username: userOf(options.url), password: password() }),
    connectionName: options.name ?? role,
    connectTimeout: 2000,
    disconnectTimeout: partingMs,
    // Comes back soon after a short break and does not hammer a server that is away.
    retryStrategy: (times) => {
      // The library takes its password from here for the connection that it is about to open.
      if (password !== undefined) redis.options.password = password();
      return Math.min(50 * 2 ** Math.min(times, 6), 1000) * (0.5 + Math.random() / 2);
    },
    ...(role === 'commands'
      ? {
          ...{ enableAutoPipelining: true, maxRetriesPerRequest: 0, enableOfflineQueue: false },
          // Whose answers are awaited and who says nothing is given up: the kernel would try for a quarter of an hour. With the first command that was
          // in vain: whoever asks on would wait once more.
          ...{ commandTimeout: silenceMs, socketTimeout: silenceMs },
        }
      : { maxRetriesPerRequest: null, autoResendUnfulfilledCommands: role === 'subscriber' }),
  });
  giveUpUngreeted(redis);
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

/** What is asked before a connection is ready has no time limit in the library but that of `commands`: one that waits for data would wait for ever. */
const giveUpUngreeted = (redis: Redis): void => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  redis.on('connect', () => {
    clearTimeout(timer);
    timer = setTimeout(() => redis.disconnect(true), greetingMs);
  });
  for (const event of ['ready', 'close']) redis.on(event, () => clearTimeout(timer));
};

/**
 * What the commands of a pipeline answered, in order; rejects with the first error among them. For many commands of one kind: each costs a good part less
 * than one that is put into a pipeline by itself (`role: 'commands'`).
 */
export const answersOf = async <T>(pipeline: ChainableCommander): Promise<T[]> => {
  const results = (await pipeline.exec()) ?? [];
  const failed = results.find(([error]) => error)?.[0];
  if (failed) throw failed;
  return results.map(([, answer]) => answer as T);
};

const userOf = (url: string): string => decodeURIComponent(new URL(url).username) || 'default';

/** What a URL says of user and password would go before what is given beside it. */
const withoutUser = (url: string): string => Object.assign(new URL(url), { username: '', password: '' }).href;

/** Resolves when the connection is ready, or rejects after `timeoutMs`. */
export const redisReady = async (redis: Redis, timeoutMs = 10_000): Promise<void> => {
  if (!(await comes(redis, ['ready'], timeoutMs))) throw new Error('Redis does not answer (REDIS_URL)');
};

/**
 * Resolves when the first attempt to connect came to something: ready, refused, or `timeoutMs` over. An instance that waits for it before it listens
 * takes no request while it still greets Redis, and one that is started while Redis is down serves what it can.
 */
export const redisTried = async (redis: Redis, timeoutMs = 2000): Promise<void> => {
  await comes(redis, ['ready', 'close'], timeoutMs);
};

/** Whether the connection is ready, or one of the events comes, within `timeoutMs`. */
const comes = async (redis: Redis, events: readonly string[], timeoutMs: number): Promise<boolean> => {
  if (redis.status === 'ready') return true;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const come = () => resolve(true);
  const timer = setTimeout(() => resolve(false), timeoutMs);
  for (const event of events) redis.once(event, come);
  const came = await promise;
  clearTimeout(timer);
  for (const event of events) redis.off(event, come);
  return came;
};
