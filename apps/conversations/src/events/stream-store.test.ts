import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { eventsKey } from '@chatapp/contract/shard';
import { silentLog } from '@chatapp/service/log';
import { connectRedis, redisReady } from '@chatapp/service/redis';
import type { Redis } from 'ioredis';
import { redisKinds, type TestRedis, testRedis } from '../../../../dev/testing/redis.ts';
import { trimStream } from './stream-store.ts';

describe.each(redisKinds())('trimStream (%s)', (kind) => {
  let server: TestRedis;
  let redis: Redis;
  beforeAll(async () => {
    server = await testRedis(kind);
    redis = connectRedis({ url: server.url, role: 'commands', log: silentLog() });
    await redisReady(redis);
  }, 30_000);
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  it('S48: forgets every entry that is older, though younger ones lie in the same node of the stream', async () => {
    for (const id of ['1000-0', '1999-9', '2000-0', '2001-0']) await redis.xadd(eventsKey, id, 'event', id);
    await trimStream(redis, new Date(2000));
    expect((await redis.xrange(eventsKey, '-', '+')).map(([id]) => id)).toEqual(['2000-0', '2001-0']);
  });
});
