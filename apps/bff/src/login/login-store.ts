import { ProblemError } from '@chatapp/service/problem';
import type { Redis } from 'ioredis';

export const loginSecondsMax = 600;

export type LoginStore = ReturnType<typeof createLoginStore>;

/** Sign-ins under way, and the logout tokens that were used. Throws `unavailable` when Redis does not answer. */
export const createLoginStore = (redis: Redis) => ({
  /** Keeps what a sign-in must remember, sealed, for ten minutes. */
  async keep(state: string, box: string): Promise<void> {
    await answered(redis.set(`login:${state}`, box, 'EX', loginSecondsMax));
  },

  /** What was kept, once. */
  async take(state: string): Promise<string | undefined> {
    return (await answered(redis.getdel(`login:${state}`))) ?? undefined;
  },

  /** Whether a logout token's `jti` (hashed) is new; from now on it is not. */
  async isFirstUse(jti: string, rememberMs: number): Promise<boolean> {
    return (await answered(redis.set(`login:jti:${jti}`, '1', 'PX', rememberMs, 'NX'))) === 'OK';
  },

  async forgetUse(jti: string): Promise<void> {
    await answered(redis.del(`login:jti:${jti}`));
  },
});

const answered = async <T>(answer: Promise<T>): Promise<T> => {
  try {
    return await answer;
  } catch (cause) {
    throw new ProblemError('unavailable', { retryAfterMs: 1000, detail: 'Signing in is not possible now.', cause });
  }
};
