import { beforeEach, describe, expect, it } from 'bun:test';
import { redisForTests } from '../../../../dev/testing/redis-for-tests.ts';
import { ann, bob } from '../testing/people.ts';
import { type CommandLimit, createCommandLimit } from './command-limit.ts';
import { countCommand } from './command-limit-store.ts';

let now: number;
let sum: number;
let limit: CommandLimit;
const refusals = (userId: string, times: number) =>
  Array.from({ length: times }, () => {
    try {
      limit(userId);
      return undefined;
    } catch (error) {
      return error as { code: string; retryAfterMs: number };
    }
  }).filter((refusal) => refusal !== undefined);

beforeEach(() => {
  [now, sum] = [600_000, 0];
  limit = createCommandLimit({ name: 'person', perMinute: 120, now: () => now, count: async () => ++sum });
});

describe('the limit of commands', () => {
  it('lets a burst of twenty through, then two a second, and says how long to wait', () => {
    expect(refusals(ann, 20)).toEqual([]);
    expect(refusals(ann, 1)).toMatchObject([{ code: 'rate-limited', retryAfterMs: 500 }]);
    now += 500;
    expect(refusals(ann, 2)).toHaveLength(1);
    now += 60_000;
    expect(refusals(ann, 30)).toHaveLength(10);
  });

  it('is each person’s own', () => {
    refusals(ann, 21);
    expect(refusals(bob, 20)).toEqual([]);
  });

  it('ends a minute early that other instances used up', async () => {
    sum = 139;
    expect(refusals(ann, 1)).toEqual([]);
    await Promise.resolve();
    expect(refusals(ann, 1)).toMatchObject([{ retryAfterMs: 60_000 }]);
    now += 60_000;
    sum = 0;
    expect(refusals(ann, 1)).toEqual([]);
  });

  it('stands without Redis', async () => {
    limit = createCommandLimit({
      ...{ name: 'person', perMinute: 120, now: () => now },
      count: () => Promise.reject(new Error('away')),
    });
    expect(refusals(ann, 21)).toHaveLength(1);
    await Promise.resolve();
  });
});

describe('the limit of commands over two instances', () => {
  const redis = redisForTests();

  const perMinute = 120;
  /** Its own, and the burst that stood ready when the minute began. */
  const inOneMinute = perMinute + perMinute / 6;

  it.each(['person', 'conversation'] as const)(
    'S43: lets through what one may have in a minute, within five per cent, of ten times as much: %s',
    async (name) => {
      let counted: Promise<number>[] = [];
      const instance = () =>
        createCommandLimit({
          ...{ name, perMinute, now: () => now },
          count: (id, minute) => {
            const count = countCommand(redis.client, { name, id, minute });
            counted.push(count);
            return count;
          },
        });
      const instances = [instance(), instance()];
      const allowed = (one: CommandLimit) => {
        try {
          one(ann);
          return 1;
        } catch {
          return 0;
        }
      };
      let passed = 0;
      for (let asked = 0; asked < 10 * perMinute; asked += 2) {
        for (const one of instances) passed += allowed(one);
        await Promise.all(counted);
        counted = [];
        now += 60_000 / (5 * perMinute);
      }
      expect(passed).toBeWithin(inOneMinute * 0.95, inOneMinute * 1.05 + 1);
    },
    20_000,
  );
});
