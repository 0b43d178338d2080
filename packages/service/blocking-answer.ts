import type { Redis } from 'ioredis';

export interface BlockingAnswerOptions {
  /** How long an answer may take before the connection is taken for dead and made anew, ms. */
  readonly lateMs: number;
  readonly signal: AbortSignal;
}

/**
 * What Redis answers over a `blocking` connection. ioredis drops what was under way there when the connection broke, and never settles it; and
 * a peer that is frozen or cut off never answers. So: waits until the connection is ready, for ever; then rejects when it closes, when the answer
 * is late, or when the signal aborts. Reads only: what was rejected may have run.
 */
export const blockingAnswer = async <T>(
  redis: Redis,
  ask: () => Promise<T>,
  { lateMs, signal }: BlockingAnswerOptions,
): Promise<T> => {
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => undefined);
  const onAbort = () => ended.reject(signal.reason);
  const onClose = () => ended.reject(new Error('the connection to Redis broke'));
  const onLate = () => {
    ended.reject(new Error('Redis does not answer'));
    redis.disconnect(true);
  };
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    if (redis.status !== 'ready') await Promise.race([nextReady(redis, signal), ended.promise]);
    redis.once('close', onClose);
    timer = setTimeout(onLate, lateMs);
    return await Promise.race([ask(), ended.promise]);
  } finally {
    clearTimeout(timer);
    redis.off('close', onClose);
    signal.removeEventListener('abort', onAbort);
  }
};

const nextReady = (redis: Redis, signal: AbortSignal): Promise<void> => {
  const ready = Promise.withResolvers<void>();
  const stop = () => redis.off('ready', ready.resolve);
  redis.once('ready', ready.resolve);
  signal.addEventListener('abort', stop, { once: true });
  return ready.promise.finally(() => signal.removeEventListener('abort', stop));
};
