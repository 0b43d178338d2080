import { describe, expect, it } from 'bun:test';
import { createPace } from './pace.ts';

/** A machine that needs so many ms a row and so many for any step. */
const paceOf = (msARow: number, msAStep = 0) => {
  let now = 0;
  const pace = createPace(() => now);
  const step = () =>
    pace.time(() => {
      now += msAStep + msARow * pace.rows();
    });
  for (let steps = 0; steps < 10; steps++) step();
  return pace.rows();
};

describe('pace', () => {
  it('brings as many rows a step as the machine can do in time', () => {
    expect(paceOf(2)).toBe(6);
    expect(paceOf(1)).toBe(12);
  });

  it('brings no more than a screen needs where a row costs nothing', () => {
    expect(paceOf(0)).toBe(16);
  });

  it('goes on with a few where even those take too long', () => {
    expect(paceOf(20)).toBe(4);
    expect(paceOf(1, 50)).toBe(4);
  });

  it('recovers from one slow step', () => {
    let now = 0;
    const pace = createPace(() => now);
    pace.time(() => {
      now += 500;
    });
    expect(pace.rows()).toBe(4);
    pace.time(() => {
      now += 1;
    });
    expect(pace.rows()).toBe(8);
  });
});
