import { ProblemError } from '@chatapp/service/problem';

export interface CommandLimitOptions {
  readonly perMinute: number;
  readonly now: () => number;
  /** Counts one command of a person in a minute over all instances; answers the sum. Rejects where Redis is away. */
  readonly count: (userId: string, minute: number) => Promise<number>;
}

/** Takes one command of a person; throws `rate-limited` with the time to wait. */
export type CommandLimit = (userId: string) => void;

interface Bucket {
  tokens: number;
  at: number;
  /** The minute that all instances together used up. */
  usedUp: number;
}

/** Beyond these all start anew: more people write at once nowhere. */
const bucketsMax = 50_000;

/**
 * So many commands a minute a person, with a burst of a sixth of them. Each instance decides by a bucket of its own, so no command waits for Redis;
 * the count over all instances follows, and who used up a minute there waits for the next. Without Redis each instance judges by itself.
 */
export const createCommandLimit = ({ perMinute, now, count }: CommandLimitOptions): CommandLimit => {
  const burst = Math.ceil(perMinute / 6);
  const buckets = new Map<string, Bucket>();

  const bucketOf = (userId: string): Bucket => {
    const known = buckets.get(userId);
    if (known) return known;
    if (buckets.size >= bucketsMax) buckets.clear();
    const bucket = { tokens: burst, at: now(), usedUp: -1 };
    buckets.set(userId, bucket);
    return bucket;
  };

  return (userId) => {
    const bucket = bucketOf(userId);
    const minute = Math.floor(now() / 60_000);
    if (bucket.usedUp === minute) throw limited((minute + 1) * 60_000 - now());
    const perMs = perMinute / 60_000;
    bucket.tokens = Math.min(burst, bucket.tokens + (now() - bucket.at) * perMs);
    bucket.at = now();
    if (bucket.tokens < 1) throw limited((1 - bucket.tokens) / perMs);
    bucket.tokens--;
    count(userId, minute).then(
      (sum) => {
        if (sum >= perMinute + burst) bucket.usedUp = minute;
      },
      () => undefined,
    );
  };
};

const limited = (ms: number): ProblemError => new ProblemError('rate-limited', { retryAfterMs: Math.ceil(ms) });
