import { describe, expect, it } from 'bun:test';
import { fakeClock } from '@chatapp/resilience/fake-clock';
import { createGather } from './gather.ts';

const setUp = () => {
  const clock = fakeClock();
  const batches: { asks: readonly string[]; outcome: PromiseWithResolvers<number> }[] = [];
  const ask = createGather<string, number>({
    keyOf: (one) => one,
    fetch: (asks) => {
      const outcome = Promise.withResolvers<number>();
      batches.push({ asks, outcome });
      return outcome.promise;
    },
    clock,
  });
  return { clock, batches, ask, asked: () => batches.map(({ asks }) => asks) };
};

describe('createGather', () => {
  it('asks at once when it is quiet, what came in the same moment together and each once', async () => {
    const { clock, asked, batches, ask } = setUp();
    const answers = Promise.all([ask(['a']), ask(['b', 'a'])]);
    await clock.advance(0);
    expect(asked()).toEqual([['a', 'b']]);
    batches[0]?.outcome.resolve(7);
    expect(await answers).toEqual([7, 7]);
  });

  it('gathers while one is on its way, and shares nothing with that one', async () => {
    const { clock, asked, batches, ask } = setUp();
    ask(['a']);
    await clock.advance(8);
    for (const one of ['a', 'b']) ask([one]);
    await clock.advance(50);
    expect(asked()).toEqual([['a']]);
    batches[0]?.outcome.resolve(1);
    await clock.advance(0);
    expect(asked()).toEqual([['a'], ['a', 'b']]);
  });

  it('keeps its pace where answers come faster', async () => {
    const { clock, asked, batches, ask } = setUp();
    ask(['a']);
    await clock.advance(0);
    batches[0]?.outcome.resolve(1);
    await clock.advance(1);
    ask(['b']);
    await clock.advance(3);
    expect(asked()).toEqual([['a']]);
    await clock.advance(1);
    expect(asked()).toEqual([['a'], ['b']]);
  });

  it('waits no longer than a tenth of a second for one that hangs', async () => {
    const { clock, asked, ask } = setUp();
    ask(['a']);
    await clock.advance(1);
    ask(['b']);
    await clock.advance(98);
    expect(asked()).toEqual([['a']]);
    await clock.advance(1);
    expect(asked()).toEqual([['a'], ['b']]);
  });

  it('lets a failure reach those of its batch only', async () => {
    const { clock, batches, ask } = setUp();
    const failed = ask(['a']);
    await clock.advance(0);
    const later = ask(['b']);
    batches[0]?.outcome.reject(new Error('down'));
    await expect(failed).rejects.toThrow('down');
    await clock.advance(5);
    batches[1]?.outcome.resolve(2);
    expect(await later).toBe(2);
  });
});
