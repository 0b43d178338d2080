/** Numbers in [0, 1) that a seed determines (mulberry32), so that a run can be repeated. */
export const seededRandom = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** A whole number from 0 to `below` - 1. */
export const wholeBelow = (random: () => number, below: number): number => Math.floor(random() * below);

/** One of them; throws when there is none. */
export const oneOf = <T>(random: () => number, items: readonly T[]): T => {
  const item = items[wholeBelow(random, items.length)];
  if (item === undefined) throw new RangeError('nothing to choose from');
  return item;
};
