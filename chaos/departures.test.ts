import { describe, expect, it } from 'bun:test';
import { keepDeparting } from './departures.ts';

/** Each pause lasts until the test ends it. */
const departing = (everyMs: number | null, depart: () => Promise<unknown> = async () => undefined) => {
  const pauses: { ms: number; end: () => void }[] = [];
  let gone = 0;
  const sleep = (ms: number) => new Promise<void>((end) => pauses.push({ ms, end }));
  const one = async () => {
    gone++;
    await depart();
  };
  const kept = keepDeparting({ firstMs: 1000, everyMs }, sleep, one);
  const passPause = async () => {
    pauses.at(-1)?.end();
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  };
  return { kept, passPause, gone: () => gone, pausesMs: () => pauses.map(({ ms }) => ms) };
};

describe('keepDeparting', () => {
  it('lets somebody go again and again, until it is stopped', async () => {
    const { kept, passPause, gone, pausesMs } = departing(5000);
    expect(gone()).toBe(0);
    await passPause();
    await passPause();
    expect(gone()).toBe(2);
    await kept.stop();
    await passPause();
    expect(gone()).toBe(2);
    expect(pausesMs()).toEqual([1000, 5000, 5000]);
  });

  it('does so once in the short form', async () => {
    const { passPause, gone, pausesMs } = departing(null);
    await passPause();
    await passPause();
    expect(gone()).toBe(1);
    expect(pausesMs()).toEqual([1000]);
  });

  it('is stopped when the one who goes has gone', async () => {
    const answer = Promise.withResolvers<void>();
    const { kept, passPause } = departing(5000, () => answer.promise);
    await passPause();
    let isStopped = false;
    const stopping = kept.stop().then(() => {
      isStopped = true;
    });
    await passPause();
    expect(isStopped).toBe(false);
    answer.resolve();
    await stopping;
  });

  it('tells whoever stops it that somebody could not go', async () => {
    const { kept, passPause } = departing(5000, () => Promise.reject(new Error('the load ended')));
    await passPause();
    expect(kept.stop()).rejects.toThrow('the load ended');
  });
});
