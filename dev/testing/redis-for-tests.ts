import { afterAll, beforeAll } from 'bun:test';
import { silentLog } from '@chatapp/service/log';
import { connectRedis, redisReady } from '@chatapp/service/redis';
import type { Redis } from 'ioredis';
import type { RedisKind } from '../redis.ts';
import { type TestRedis, testRedis } from './redis.ts';

/** A Redis of their own for the tests of a `describe`, with a connection to it: there from their beginning to their end. */
export const redisForTests = (kind?: RedisKind) => {
  let server: TestRedis;
  let client: Redis;
  beforeAll(async () => {
    server = await testRedis(kind);
    client = connectRedis({ url: server.url, role: 'commands', log: silentLog() });
    await redisReady(client);
  }, 30_000);
  afterAll(async () => {
    client.disconnect();
    await server.stop();
  });
  return {
    get url() {
      return server.url;
    },
    get client() {
      return client;
    },
  };
};
