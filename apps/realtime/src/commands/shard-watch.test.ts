import { describe, expect, it } from 'bun:test';
import { createShardWatch } from './shard-watch.ts';

const setUp = () => {
  const clock = { now: 0 };
  const state = { waiting: 0, isHeld: true };
  const reads: number[] = [];
  const watch = createShardWatch({
    read: async (shard) => {
      reads.push(shard);
      return { ...state };
    },
    now: () => clock.now,
  });
  return { clock, state, reads, watch };
};

describe('createShardWatch', () => {
  it('refuses while more than 50 000 entries wait', async () => {
    const { state, watch } = setUp();
    watch.refusal(3);
    state.waiting = 50_001;
    await watch.look();
    expect(watch.refusal(3)).toBe('backlog');
    state.waiting = 50_000;
    await watch.look();
    expect(watch.refusal(3)).toBeUndefined();
  });

  it('refuses when nobody has held the lease for ten seconds, and not before', async () => {
    const { clock, state, watch } = setUp();
    state.isHeld = false;
    for (clock.now = 0; clock.now <= 10_000; clock.now += 1000) {
      expect(watch.refusal(3)).toBeUndefined();
      await watch.look();
    }
    expect(watch.refusal(3)).toBe('no-writer');
    state.isHeld = true;
    await watch.look();
    expect(watch.refusal(3)).toBeUndefined();
  });

  it('looks only at shards in use', async () => {
    const { clock, reads, watch } = setUp();
    watch.refusal(3);
    clock.now = 15_001;
    await watch.look();
    expect(reads).toEqual([]);
  });
});
