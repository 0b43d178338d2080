import { ProblemError } from '@chatapp/service/problem';

export interface CommandLimitOptions {
  /** What the refusal names. */
  readonly name: 'person' | 'conversation';
  readonly perMinute: number;
  readonly now: () => number;
  /** Counts one command under a key in a minute over all instances; answers the sum. Rejects where Redis is away. */
  readonly count: (key: string, minute: number) => Promise<number>;
}

/** Takes one command of a person, or in a conversation; throws `rate-limited` with the time to wait. */
export type CommandLimit = (key: string) => void;

interface Bucket {
  tokens: number;
  at: number;
  /** The minute that all instances together used up. */
  usedUp: number;
}

/** Beyond these all start anew: more write at once nowhere. */
const bucketsMax = 50_000;

/**
 * So many commands a minute a key, with a burst of a sixth of them. Each instance decides by a bucket of its own, so no command waits for Redis;
 * the count over all instances follows, and what used up a minute there waits for the next. Without Redis each instance judges by itself.
 */
export const createCommandLimit = ({ name, perMinute, now, count }: CommandLimitOptions): CommandLimit => {
  const burst = Math.ceil(perMinute / 6);
  const buckets = new Map<string, Bucket>();

  const limited = (ms: number): ProblemError =>
    new ProblemError('rate-limited', {
      retryAfterMs: Math.ceil(ms),
      policy: { name, limit: perMinute, windowSeconds: 60 },
    });

  const bucketOf = (key: string): Bucket => {
    const known = buckets.get(key);
    if (known) return known;
    if (buckets.size >= bucketsMax) buckets.clear();
    const bucket = { tokens: burst, at: now(), usedUp: -1 };
    buckets.set(key, bucket);
    return bucket;
  };

  return (key) => {
    const bucket = bucketOf(key);
    const minute = Math.floor(now() / 60_000);
    if (bucket.usedUp === minute) throw limited((minute + 1) * 60_000 - now());
    const perMs = perMinute / 60_000;
    bucket.tokens = Math.min(burst, bucket.tokens + (now() - bucket.at) * perMs);
    bucket.at = now();
    if (bucket.tokens < 1) throw limited((1 - bucket.tokens) / perMs);
    bucket.tokens--;
    count(key, minute).then(
      (sum) => {
        if (sum >= perMinute + burst) bucket.usedUp = minute;
      },
      () => undefined,
    );
  };
};
