import { beforeEach, describe, expect, it } from 'bun:test';
import { decodeChanges } from '@chatapp/contract/changes';
import type { Message } from '@chatapp/contract/shapes';
import { type FakeClock, fakeClock } from '@chatapp/resilience/fake-clock';
import { silentLog } from '@chatapp/service/log';
import type { Redis } from 'ioredis';
import { edit } from '../testing/people.ts';
import { type Announcer, createAnnouncer } from './announcer.ts';
import type { Outcome } from './task.ts';

const c = crypto.randomUUID();
const megabyte = 1_000_000;

let clock: FakeClock;
let announcer: Announcer;
let isAway: boolean;
/** The revs that Redis took, by round trip. */
let taken: number[][];
/** The most that one round trip carried, in characters. */
let largest: number;

/** Redis as far as publishing needs it. */
const redis = {
  pipeline: () => {
    const payloads: string[] = [];
    return {
      publish: (_: string, payload: string) => payloads.push(payload),
      exec: async () => {
        largest = Math.max(
          largest,
          payloads.reduce((sum, { length }) => sum + length, 0),
        );
        if (isAway) throw new Error('away');
        taken.push(payloads.flatMap((payload) => decodeChanges(payload).map(({ rev }) => rev)));
        return payloads.map(() => [null, 1]);
      },
    };
  },
} as unknown as Redis;

beforeEach(() => {
  [clock, isAway, taken, largest] = [fakeClock(), false, [], 0];
  announcer = createAnnouncer({ redis, shards: 4, log: silentLog(), clock, signal: new AbortController().signal });
});

const outcome = (rev: number, size: number): Outcome => {
  const message = { rev, seq: 1, body: 'x'.repeat(size) } as Message;
  return {
    kind: 'saved',
    task: edit(c, 1),
    answer: { ok: { seq: 1, rev } },
    change: { type: 'message', rev, message },
  };
};
/** Announces batches of one change each; answers the revs of those that are waited for no longer, as they come. */
const announceMany = (count: number, size: number): number[] => {
  const settled: number[] = [];
  for (let rev = 1; rev <= count; rev++) {
    void announcer.announce([outcome(rev, size)]).then(() => settled.push(rev));
  }
  return settled;
};
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

describe('createAnnouncer', () => {
  it('holds no more than 32 MB while Redis is away, and gives the oldest up', async () => {
    isAway = true;
    const settled = announceMany(100, megabyte);
    await clock.advance(1000);
    expect(announcer.waiting).toBeLessThanOrEqual(32);
    expect(announcer.waiting).toBeGreaterThan(25);
    // The newest wait, and are published in their order.
    const given = settled.toSorted((left, right) => left - right);
    isAway = false;
    await clock.advance(1000);
    const published = taken.flat();
    expect(published).toEqual(published.toSorted((left, right) => left - right));
    expect([...given, ...published].toSorted((left, right) => left - right)).toEqual(range(1, 100));
    expect(published.at(-1)).toBe(100);
    expect(announcer.waiting).toBe(0);
  });

  it('counts what waits anew after Redis took it', async () => {
    for (let round = 0; round < 5; round++) {
      announceMany(20, megabyte);
      await clock.advance(0);
    }
    expect(taken.flat()).toHaveLength(100);
  });

  it('publishes in portions of 4 MB, one that is larger by itself', async () => {
    void announcer.announce([outcome(1, 10)]);
    void announcer.announce([outcome(2, 6 * megabyte)]);
    void announcer.announce([outcome(3, 10)]);
    for (const rev of range(4, 20)) void announcer.announce([outcome(rev, megabyte)]);
    await clock.advance(0);
    expect(taken.flat()).toEqual(range(1, 20));
    expect(taken).toContainEqual([2]);
    expect(Math.max(...taken.map(({ length }) => length))).toBe(4);
    expect(largest).toBeLessThan(6.1 * megabyte);
  });

  it('publishes many small ones at once', async () => {
    announceMany(300, 10);
    await clock.advance(0);
    expect(taken.map(({ length }) => length)).toEqual([1, 200, 99]);
  });
});
