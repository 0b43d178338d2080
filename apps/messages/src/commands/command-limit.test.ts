import { beforeEach, describe, expect, it } from 'bun:test';
import { ann, bob } from '../testing/people.ts';
import { type CommandLimit, createCommandLimit } from './command-limit.ts';

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
  limit = createCommandLimit({ perMinute: 120, now: () => now, count: async () => ++sum });
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
    limit = createCommandLimit({ perMinute: 120, now: () => now, count: () => Promise.reject(new Error('away')) });
    expect(refusals(ann, 21)).toHaveLength(1);
    await Promise.resolve();
  });
});
