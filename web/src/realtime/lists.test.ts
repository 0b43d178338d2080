import { describe, expect, it } from 'bun:test';
import { fakeClock } from '../../test/fake-clock.ts';
import { ApiError } from '../api/api-error.ts';
import { createLists } from './lists.ts';

/** Two lists; each question waits until the test answers it. */
const start = () => {
  const { clock, advance, settle } = fakeClock();
  const asked: { list: string; answer: () => void; fail: (error: Error) => void }[] = [];
  const loadOf = (list: string) => () => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    asked.push({ list, answer: resolve, fail: reject });
    return promise;
  };
  const loads = [loadOf('conversations'), loadOf('unread')];
  const lists = createLists({ loads: () => loads, clock, random: () => 0.5 });
  const names = () => asked.map(({ list }) => list);
  /** Fails all that wait for an answer. */
  const fail = async (error: Error) => {
    for (const one of asked.splice(0)) one.fail(error);
    await settle();
  };
  return { lists, asked, names, fail, advance, settle };
};
const unavailable = new ApiError('unavailable', 503);

describe('lists', () => {
  it('are asked for again until they are loaded, each by itself', async () => {
    const { lists, asked, names, fail, advance, settle } = start();
    lists.load();
    asked.shift()?.answer();
    for (let failures = 0; failures < 4; failures++) {
      await fail(unavailable);
      expect(names()).toEqual([]);
      await advance(15_000);
      expect(names()).toEqual(['unread']);
    }
    asked.shift()?.answer();
    await settle();
    await advance(60_000);
    expect(names()).toEqual([]);
  });

  it.each(['not-found', 'forbidden', 'signed-out'] as const)('are not asked for again after %s', async (code) => {
    const { lists, names, fail, advance } = start();
    lists.load();
    await fail(new ApiError(code, 400));
    await advance(60_000);
    expect(names()).toEqual([]);
  });

  it('are not asked for again by an older round, nor after the stop', async () => {
    const { lists, asked, names, fail, advance } = start();
    lists.load();
    await fail(unavailable);
    lists.load();
    await advance(60_000);
    expect(names()).toEqual(['conversations', 'unread']);
    await fail(unavailable);
    lists.stop();
    await advance(60_000);
    expect(asked).toHaveLength(0);
  });
});
