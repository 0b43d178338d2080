import { describe, expect, it } from 'bun:test';
import Redis from 'ioredis';
import { redisKinds, testRedis } from './redis.ts';

describe.each(redisKinds())('testRedis %s', (kind) => {
  it('comes back empty on its port after a kill', async () => {
    const redis = await testRedis(kind);
    const client = new Redis(redis.url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
    client.on('error', () => {});
    await client.set('key', 'value');
    const before = redis.pid;

    redis.kill();
    await redis.start();

    expect(redis.pid).not.toBe(before);
    expect(await client.get('key')).toBeNull();
    client.disconnect();
    await redis.stop();
  });

  it('refuses writes rather than forgets when memory is full', async () => {
    const redis = await testRedis(kind);
    const client = new Redis(redis.url);
    expect(await client.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    client.disconnect();
    await redis.stop();
  });
});
