import { describe, expect, it } from 'bun:test';
import { makeShape, socketsOf } from './shapes.ts';

const groups = [
  { count: 3, size: 2, share: 70 },
  { count: 2, size: 5, share: 30 },
];
const shape = makeShape({ name: 'test', groups, inFlight: 1, places: Array.from({ length: 16 }, (_, at) => at + 1) });

describe('makeShape', () => {
  it('gives each socket one room', () => {
    expect(socketsOf(groups)).toBe(16);
    expect(shape.rooms.map(({ members }) => members)).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
      [6, 7, 8, 9, 10],
      [11, 12, 13, 14, 15],
    ]);
    expect(shape.roomOf.length).toBe(16);
    expect(shape.roomOf[7]).toBe(shape.rooms[3] as never);
  });

  it('spreads messages over the groups by their shares, and over the rooms of a group in turn', () => {
    const counts = shape.rooms.map((_, room) => shape.order.filter((one) => one === room).length);
    expect(shape.order.length).toBe(100);
    expect(counts.slice(0, 3).reduce((sum, one) => sum + one, 0)).toBe(70);
    expect(counts.slice(3)).toEqual([15, 15]);
    expect(Math.max(...counts.slice(0, 3)) - Math.min(...counts.slice(0, 3))).toBeLessThanOrEqual(1);
  });
});
