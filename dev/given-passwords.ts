import type { RedisPasswords } from './redis-users.ts';

type Environment = Record<string, string | undefined>;

/** The passwords of the users of Redis, from the environment. */
export const redisPasswordsIn = (env: Environment): RedisPasswords => ({
  default: passwordIn('REDIS_PASSWORD', env.REDIS_PASSWORD),
  bff: passwordIn('BFF_REDIS_PASSWORD', env.BFF_REDIS_PASSWORD),
  conversations: passwordIn('CONVERSATIONS_REDIS_PASSWORD', env.CONVERSATIONS_REDIS_PASSWORD),
  messages: passwordIn('MESSAGES_REDIS_PASSWORD', env.MESSAGES_REDIS_PASSWORD),
  realtime: passwordIn('REALTIME_REDIS_PASSWORD', env.REALTIME_REDIS_PASSWORD),
});

/** A password of the environment. It becomes a part of URLs and of DDL, which takes no parameters: it must need no quoting. */
export function passwordIn(name: string, value: string | undefined): string {
  const password = given(name, value);
  if (!/^[\w-]{8,}$/.test(password)) throw new Error(`${name} must be 8 or more letters, digits, _ or -.`);
  return password;
}

/** The value of a variable that must be set. */
export function given(name: string, value: string | undefined): string {
  if (!value) throw new Error(`${name} is not set.`);
  return value;
}
