import { createHash } from 'node:crypto';
import { accessRules, redisAccess } from './redis-access.ts';
import type { Service } from './services.ts';

const services = Object.keys(redisAccess) as Service[];

/** Who signs in to Redis: each service, and `default`, the supervisor and the operator, who may do everything. */
export const redisUsers = ['default', ...services] as const;

/** A password for each user of Redis. */
export type RedisPasswords = Record<(typeof redisUsers)[number], string>;

/** An ACL file for `redis-server --aclfile`. It holds digests of the passwords, which must therefore be random ones. */
export function redisUsersFile(passwords: RedisPasswords): string {
  const user = (name: keyof RedisPasswords, rules: string) =>
    `user ${name} reset on #${createHash('sha256').update(passwords[name]).digest('hex')} ${rules}\n`;
  return [user('default', '~* &* +@all'), ...services.map((name) => user(name, accessRules(name)))].join('');
}

/** The URL of a Redis for one of its users. */
export function redisUrlOf(url: string, user: 'default' | Service, passwords: RedisPasswords): string {
  const own = new URL(url);
  own.username = user;
  own.password = passwords[user];
  return own.href;
}
