import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { ProblemError } from './problem.ts';

export interface RateLimitOptions {
  /** Begins the keys in Redis: `limit:bff:session`. */
  readonly prefix: string;
  /** So many in `seconds`, over all instances. */
  readonly points: number;
  readonly seconds: number;
  readonly redis: Redis;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Whether there was a point left, how many are left in this window as far as this instance knows, and when the next window begins. */
export interface RateDecision {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  readonly resetMs: number;
}

/** Takes one point of a key; at once where this instance has some. Never throws or rejects. */
export type RateLimit = (key: string) => RateDecision | Promise<RateDecision>;

interface Lease {
  left: number;
  remaining: number;
  until: number;
  /** Nothing more is to be had in this window. */
  exhausted: boolean;
}

const leasesMax = 20_000;
/** A Redis that hangs costs a caller its time-out once in so long. */
const awayMs = 1000;

/**
 * A limit over all instances, in fixed windows. An instance takes a fiftieth of the points at a time, so that Redis is asked for one request in many; what
 * it took and did not use lapses with the window, so the limit may come early by so much for each instance, and never late. Without Redis each
 * instance counts alone: requests are served rather than refused.
 */
export const createRateLimit = ({ prefix, points, seconds, redis, now }: RateLimitOptions): RateLimit => {
  const piece = Math.max(1, Math.floor(points / 50));
  const shared = new RateLimiterRedis({ storeClient: redis, keyPrefix: prefix, points, duration: seconds });
  const alone = new RateLimiterMemory({ keyPrefix: prefix, points, duration: seconds });
  const leases = new Map<string, Lease>();
  const flights = new Map<string, Promise<void>>();
  let awayUntil = 0;

  const consume = async (key: string): Promise<RateLimiterRes> => {
    if (now() >= awayUntil) {
      const answer = await shared.consume(key, piece).catch((reason: unknown) => reason);
      if (answer instanceof RateLimiterRes) return answer;
      awayUntil = now() + awayMs;
    }
    return await alone.consume(key, piece).catch((refusal: RateLimiterRes) => refusal);
  };

  const lease = async (key: string): Promise<void> => {
    const { consumedPoints, remainingPoints, msBeforeNext } = await consume(key);
    const over = Math.max(0, consumedPoints - points);
    if (leases.size >= leasesMax) leases.clear();
    leases.set(key, {
      left: Math.max(0, piece - over),
      remaining: remainingPoints,
      until: now() + msBeforeNext,
      exhausted: remainingPoints === 0,
    });
  };

  const leaseOnce = (key: string): Promise<void> => {
    const flying = flights.get(key);
    if (flying) return flying;
    const flight = lease(key).finally(() => flights.delete(key));
    flights.set(key, flight);
    return flight;
  };

  const takeHeld = (key: string): RateDecision | undefined => {
    const held = leases.get(key);
    const resetMs = held ? held.until - now() : 0;
    if (held === undefined || resetMs <= 0) return undefined;
    if (held.left > 0) {
      held.left--;
      return { allowed: true, limit: points, remaining: held.left + held.remaining, resetMs };
    }
    return held.exhausted ? { allowed: false, limit: points, remaining: 0, resetMs } : undefined;
  };
  const takeLeased = async (key: string): Promise<RateDecision> => {
    for (;;) {
      await leaseOnce(key);
      const decision = takeHeld(key);
      if (decision) return decision;
    }
  };

  return (key) => takeHeld(key) ?? takeLeased(key);
};

/** The refusal of a request whose key has no point left. */
export const rateLimited = ({ resetMs }: RateDecision): ProblemError =>
  new ProblemError('rate-limited', { retryAfterMs: Math.ceil(resetMs) });
