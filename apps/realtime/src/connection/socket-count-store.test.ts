import { describe, expect, it } from 'bun:test';
import { systemClock } from '@chatapp/resilience/clock';
import { silentLog } from '@chatapp/service/log';
import { connectRedis, redisReady } from '@chatapp/service/redis';
import { redisKinds } from '../../../../dev/testing/redis.ts';
import { redisForTests } from '../../../../dev/testing/redis-for-tests.ts';
import { createSocketCounts } from './socket-count-store.ts';

describe.each(redisKinds())('createSocketCounts, Redis: %s', (kind) => {
  const redis = redisForTests(kind);

  const keyOf = (userId: string) => `limit:realtime:sockets:${userId}`;

  it('reads what each node noted, the last of several notes, and nothing where nobody is left', async () => {
    const [here, there] = [
      createSocketCounts(redis.client, 'here', systemClock),
      createSocketCounts(redis.client, 'there', systemClock),
    ];
    await Promise.all([here.note('ann', () => 1), here.note('ann', () => 2), here.note('bob', () => 1)]);
    await there.note('ann', () => 5);
    expect(await there.read('ann')).toEqual(
      new Map([
        ['here', 2],
        ['there', 5],
      ]),
    );
    await here.note('ann', () => 0);
    expect(await there.read('ann')).toEqual(new Map([['there', 5]]));
    expect(await there.read('eve')).toEqual(new Map());
  });

  it('lets the counts of nodes that died expire, also where they had expired before', async () => {
    const counts = createSocketCounts(redis.client, 'here', systemClock);
    await counts.note('cid', () => 1);
    expect(await redis.client.ttl(keyOf('cid'))).toBeGreaterThan(0);
    await redis.client.del(keyOf('cid'));
    await counts.note('cid', () => 2);
    expect(await redis.client.ttl(keyOf('cid'))).toBeGreaterThan(0);
    expect(await counts.read('cid')).toEqual(new Map([['here', 2]]));
  });

  it('rejects where Redis cannot be reached', async () => {
    const broken = connectRedis({ url: redis.url, role: 'commands', log: silentLog() });
    await redisReady(broken);
    broken.disconnect();
    const counts = createSocketCounts(broken, 'here', systemClock);
    await expect(counts.note('dan', () => 1)).rejects.toThrow();
    await expect(counts.read('dan')).rejects.toThrow();
  });
});
