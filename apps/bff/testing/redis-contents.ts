import type { Redis } from 'ioredis';

/** All keys and what they hold, as text: values as they are, where DUMP would pack long ones. */
export const contentsOf = async (redis: Redis): Promise<string> => {
  const values = (await redis.keys('*')).map(async (key) => {
    switch (await redis.type(key)) {
      case 'string':
        return [key, await redis.get(key)];
      case 'zset':
        return [key, await redis.zrange(key, '0', '-1')];
      case 'hash':
        return [key, await redis.hgetall(key)];
      case 'stream':
        return [key, await redis.xrange(key, '-', '+')];
      default:
        throw new Error(`${key} is of a type that this test does not read`);
    }
  });
  return JSON.stringify(await Promise.all(values));
};
