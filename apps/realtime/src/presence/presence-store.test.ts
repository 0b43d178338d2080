import { describe, expect, it } from 'bun:test';
import { Redis } from 'ioredis';
import { freePort } from '../../../../dev/ports.ts';
import { redisKinds } from '../../../../dev/testing/redis.ts';
import { redisForTests } from '../../../../dev/testing/redis-for-tests.ts';
import { createPresenceStore } from './presence-store.ts';

describe.each(redisKinds())('createPresenceStore, Redis: %s', (kind) => {
  const redis = redisForTests(kind);

  it("knows people's statuses on the nodes that live", async () => {
    const [one, other] = [createPresenceStore(redis.client, 'one'), createPresenceStore(redis.client, 'other')];
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
    const [one, other, ended] = ['one', 'other', 'ended'].map((node) => createPresenceStore(redis.client, node));
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

  it('gives the people of a process that was started again in the same seat their grace from then on', async () => {
    const [dead, again, other] = ['seat-dead', 'seat-again', 'other-1'].map((node) =>
      createPresenceStore(redis.client, node),
    );
    for (const node of [dead, again, other]) await node?.beat();
    await dead?.set(new Map([['eve', 'online']]));
    const scores = () => redis.client.zmscore('presence:nodes', 'seat-dead', 'seat-again', 'other-1');
    const before = (await scores()).map(Number);
    await again?.retireDead(10_000);
    const after = (await scores()).map(Number);
    expect(after[0]).toBeLessThan(before[0] ?? 0);
    expect(after.slice(1)).toEqual(before.slice(1));
    expect(await again?.takeDead()).toEqual([]);
    // What began before goes on.
    await again?.retireDead(20_000);
    expect((await scores()).map(Number)).toEqual(after);
    await again?.retireDead(-1);
    expect(await again?.takeDead()).toEqual(['eve']);
    expect(await again?.liveNodes()).toEqual(expect.arrayContaining(['seat-again', 'other-1']));
  });

  it('says when Redis has forgotten the node', async () => {
    const node = createPresenceStore(redis.client, 'forgotten');
    expect(await node.beat()).toBe(false);
    expect(await node.beat()).toBe(true);
    await redis.client.flushall();
    expect(await node.beat()).toBe(false);
  });
});

it('rejects once where Redis does not answer, and leaves no rejection that nobody takes', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => void unhandled.push(error);
  process.on('unhandledRejection', note);
  const nowhere = new Redis({ port: await freePort(), enableOfflineQueue: false, maxRetriesPerRequest: 0 });
  nowhere.on('error', () => undefined);
  await expect(createPresenceStore(nowhere, 'one').beat()).rejects.toThrow();
  await Bun.sleep(10);
  expect(unhandled).toEqual([]);
  process.off('unhandledRejection', note);
  nowhere.disconnect();
});
