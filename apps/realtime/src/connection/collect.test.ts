import { expect, it } from 'bun:test';
import { createCollect } from './collect.ts';

/** The sockets at each second, and the seconds in which it collected. */
const collections = (...counts: readonly number[]): number[] => {
  const seconds: number[] = [];
  let second = 0;
  const tick = createCollect({ countSockets: () => counts[second] ?? 0, collect: () => seconds.push(second) });
  for (; second < counts.length; second++) tick();
  return seconds;
};

it('collects once after many came, when no more come', () => {
  expect(collections(0, 900, 2000, 5000, 5010, 5010, 5010)).toEqual([4]);
});

it('collects once after many left', () => {
  expect(collections(0, 5000, 5000, 3000, 20, 0, 0)).toEqual([2, 5]);
});

it('does not pause for a few', () => {
  expect(collections(0, 50, 100, 150, 200, 180, 400, 400)).toEqual([]);
});
