import { describe, expect, it } from 'bun:test';
import { fakeClock } from './fake-clock.ts';
import { inTurn } from './in-turn.ts';

const timesOf = async (count: number): Promise<number[]> => {
  const clock = fakeClock();
  const times: number[] = [];
  const items = Array.from({ length: count }, (_, place) => place);
  const done = inTurn(items, () => times.push(clock.now()), { clock, pauseMs: 50, withinMs: 1000 });
  await clock.advance(2000);
  await done;
  return times;
};

describe('inTurn', () => {
  it('acts on one at once, and on none not at all', async () => {
    expect(await timesOf(1)).toEqual([0]);
    expect(await timesOf(0)).toEqual([]);
  });

  it('pauses between two', async () => {
    expect(await timesOf(4)).toEqual([0, 50, 100, 150]);
  });

  it('has acted on all within the time, however many they are', async () => {
    const times = await timesOf(100);
    expect(times).toHaveLength(100);
    expect(times.at(-1)).toBeLessThanOrEqual(1000);
    expect(times.at(50)).toBeCloseTo(500);
  });
});
