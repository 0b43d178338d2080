import { describe, expect, it } from 'bun:test';
import { fakeClock } from '../../test/fake-clock.ts';
import { harbour } from '../../test/people.ts';
import { createReadMarker } from './read-marker.ts';

const start = () => {
  const { clock, advance, settle } = fakeClock();
  const state = { looking: true, failing: false, last: 0, saved: [] as number[] };
  const marker = createReadMarker({
    clock,
    looking: () => state.looking,
    lastRead: () => state.last,
    moved: (_c, seq) => {
      state.last = seq;
    },
    save: async (_c, seq) => {
      if (state.failing) throw new Error('offline');
      state.saved.push(seq);
    },
  });
  return { marker, state, advance, settle };
};

describe('read marker', () => {
  it('moves once for several messages that are seen at a time', async () => {
    const { marker, state, advance } = start();
    for (const seq of [3, 4, 5, 4]) marker.see(harbour, seq);
    await advance(250);
    expect(state).toMatchObject({ last: 5, saved: [5] });
    marker.see(harbour, 2);
    await advance(250);
    expect(state.saved).toEqual([5]);
  });

  it('does not move while nobody looks, and catches up when somebody does', async () => {
    const { marker, state, advance } = start();
    state.looking = false;
    marker.see(harbour, 3);
    await advance(1000);
    expect(state.saved).toEqual([]);
    state.looking = true;
    marker.lookAgain();
    await advance(250);
    expect(state.saved).toEqual([3]);
  });

  it('saves again what could not be saved', async () => {
    const { marker, state, advance, settle } = start();
    state.failing = true;
    marker.see(harbour, 3);
    await advance(250);
    state.failing = false;
    marker.saveAll();
    await settle();
    marker.saveAll();
    await settle();
    expect(state.saved).toEqual([3]);
  });
});
