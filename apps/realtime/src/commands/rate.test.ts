import { describe, expect, it } from 'bun:test';
import { redisForTests } from '../../../../dev/testing/redis-for-tests.ts';
import { createRate } from './rate.ts';
import { addToCounts } from './rate-store.ts';

const setUp = (nodes: number, perMinute = 120) => {
  const counts = new Map<string, number>();
  const clock = { now: 0 };
  const addToCounts = async (minute: number, given: ReadonlyMap<string, number>) => {
    const sums = new Map<string, number>();
    for (const [userId, count] of given) {
      const key = `${userId} ${minute}`;
      counts.set(key, (counts.get(key) ?? 0) + count);
      sums.set(userId, counts.get(key) ?? 0);
    }
    return sums;
  };
  const rates = Array.from({ length: nodes }, () => createRate({ perMinute, now: () => clock.now, addToCounts }));
  return { clock, rates, counts };
};

describe('createRate', () => {
  it('gives a burst of twenty, then two a second', () => {
    const { clock, rates } = setUp(1);
    const [rate] = rates;
    for (let count = 0; count < 20; count++) expect(rate?.take('ann')).toBe(0);
    expect(rate?.take('ann')).toBe(500);
    expect(rate?.take('bob')).toBe(0);
    clock.now = 500;
    expect(rate?.take('ann')).toBe(0);
  });

  it('gives the limit once, however many nodes a person is connected to', async () => {
    const { clock, rates } = setUp(4);
    let given = 0;
    for (clock.now = 0; clock.now < 60_000; clock.now += 50) {
      for (const rate of rates) if (rate.take('ann') === 0) given++;
      if (clock.now % 250 === 0) for (const rate of rates) await rate.report();
    }
    expect(given).toBeGreaterThanOrEqual(140);
    expect(given).toBeLessThanOrEqual(150);
  });

  it('reports only who took more than the share of one of twenty nodes, and then all that they took', async () => {
    const { rates, counts } = setUp(1);
    const [rate] = rates;
    for (let count = 0; count < 5; count++) rate?.take('ann');
    for (let count = 0; count < 6; count++) rate?.take('bob');
    await rate?.report();
    expect([...counts]).toEqual([['bob 0', 6]]);
    rate?.take('ann');
    rate?.take('bob');
    await rate?.report();
    expect([...counts]).toEqual([
      ['bob 0', 7],
      ['ann 0', 6],
    ]);
  });

  it('tells whoever used a minute up to wait for the next one', async () => {
    const { clock, rates } = setUp(2);
    for (clock.now = 0; clock.now < 50_000; clock.now += 250) {
      for (const rate of rates) {
        rate.take('ann');
        await rate.report();
      }
    }
    clock.now = 50_000;
    expect(rates[0]?.take('ann')).toBe(10_000);
    clock.now = 60_000;
    expect(rates[0]?.take('ann')).toBe(0);
  });
});

describe('createRate over two nodes and Redis', () => {
  const redis = redisForTests();

  it.each(['person', 'conversation'] as const)(
    'S43: gives what one may have in a minute, within five per cent, of ten times as much: %s',
    async (name) => {
      const perMinute = 120;
      const inOneMinute = perMinute + perMinute / 6;
      let now = 0;
      const node = () =>
        createRate({
          ...{ perMinute, now: () => now },
          addToCounts: (minute, counts) => addToCounts(redis.client, { name, minute }, counts),
        });
      const nodes = [node(), node()];
      let given = 0;
      for (; now < 60_000; now += 100) {
        for (const { take } of nodes) if (take('ann') === 0) given++;
        if (now % 250 === 0) for (const { report } of nodes) await report();
      }
      expect(given).toBeWithin(inOneMinute * 0.95, inOneMinute * 1.05 + 1);
    },
  );

  it('S43: goes on without Redis, each node alone', async () => {
    const rate = createRate({
      ...{ perMinute: 120, now: () => 0 },
      addToCounts: () => Promise.reject(new Error('away')),
    });
    for (let count = 0; count < 20; count++) expect(rate.take('ann')).toBe(0);
    await rate.report().catch(() => undefined);
    expect(rate.take('ann')).toBe(500);
    expect(rate.take('bob')).toBe(0);
  });
});
