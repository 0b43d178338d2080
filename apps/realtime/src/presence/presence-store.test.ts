import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { silentLog } from '@chatapp/service/log';
import { connectRedis, redisReady } from '@chatapp/service/redis';
import type { Redis } from 'ioredis';
import { redisKinds, type TestRedis, testRedis } from '../../../../dev/testing/redis.ts';
import { createPresenceStore } from './presence-store.ts';

describe.each(redisKinds())('createPresenceStore, Redis: %s', (kind) => {
  let server: TestRedis;
  let redis: Redis;
  beforeAll(async () => {
    server = await testRedis(kind);
    redis = connectRedis({ url: server.url, role: 'commands', log: silentLog() });
    await redisReady(redis);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  it("knows people's statuses on the nodes that live", async () => {
    const [one, other] = [createPresenceStore(redis, 'one'), createPresenceStore(redis, 'other')];
    await Promise.all([one.beat(), other.beat()]);
    await one.set(
      new Map([
        ['ann', 'away'],
        ['bob', 'online'],
      ]),
    );
    await other.set(new Map([['ann', 'online']]));
    expect((await one.liveNodes()).sort()).toEqual(['one', 'other']);
    const statuses = () => one.statusesOn(['one', 'other'], ['ann', 'bob', 'eve']);
    expect([...(await statuses())]).toEqual([
      ['ann', ['away', 'online']],
      ['bob', ['online']],
      ['eve', []],
    ]);
    await other.remove(['ann', 'eve']);
    expect((await statuses()).get('ann')).toEqual(['away']);
  });

  it('gives the people of a node that ended to one of those that ask, after its grace', async () => {
    const [one, other, ended] = ['one', 'other', 'ended'].map((node) => createPresenceStore(redis, node));
    await ended?.beat();
    await ended?.set(new Map([['bob', 'online']]));
    await ended?.retire(10_000);
    expect(await one?.takeDead()).toEqual([]);
    expect(await one?.liveNodes()).toContain('ended');
    await ended?.retire(-1);
    const taken = await Promise.all([one?.takeDead(), other?.takeDead()]);
    expect(taken.flat()).toEqual(['bob']);
    expect(await one?.liveNodes()).not.toContain('ended');
  });

  it('says when Redis has forgotten the node', async () => {
    const node = createPresenceStore(redis, 'forgotten');
    expect(await node.beat()).toBe(false);
    expect(await node.beat()).toBe(true);
    await redis.flushall();
    expect(await node.beat()).toBe(false);
  });
});
