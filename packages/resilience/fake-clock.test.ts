import { describe, expect, it } from 'bun:test';
import { type Clock, systemClock } from './clock.ts';
import { fakeClock } from './fake-clock.ts';

describe('fakeClock', () => {
  it('wakes sleepers in the order of their times, and those that they start within the same advance', async () => {
    const clock = fakeClock(1_000);
    const woken: string[] = [];
    const sleepThen = async (ms: number, name: string) => {
      await clock.sleep(ms);
      woken.push(`${name}@${clock.now()}`);
    };
    const done = Promise.all([sleepThen(30, 'late'), sleepThen(10, 'early').then(() => sleepThen(10, 'chained'))]);
    await clock.advance(30);
    await done;
    expect(woken).toEqual(['early@1010', 'chained@1020', 'late@1030']);
    expect(clock.now()).toBe(1_030);
  });

  it('leaves a sleeper asleep until its time', async () => {
    const clock = fakeClock();
    let awake = false;
    clock.sleep(100).then(() => {
      awake = true;
    });
    await clock.advance(99);
    expect(awake).toBe(false);
    await clock.advance(1);
    expect(awake).toBe(true);
  });
});

describe('after', () => {
  it('works at its time, and not when it was called off', async () => {
    const clock = fakeClock();
    const done: string[] = [];
    clock.after(100, () => done.push('kept'));
    clock.after(100, () => done.push('dropped'))();
    await clock.advance(99);
    expect(done).toEqual([]);
    await clock.advance(1);
    expect(done).toEqual(['kept']);
    expect(clock.sleepers()).toBe(0);
  });

  it('works with the system clock, and not when it was called off', async () => {
    const worked = Promise.withResolvers<string>();
    systemClock.after(0, () => worked.resolve('dropped'))();
    systemClock.after(5, () => worked.resolve('kept'));
    expect(await worked.promise).toBe('kept');
  });
});

describe.each<[string, () => Clock]>([
  ['systemClock', () => systemClock],
  ['fakeClock', () => fakeClock()],
])('sleep of %s', (_name, make) => {
  it('rejects with the reason of its signal', async () => {
    const caller = new AbortController();
    const sleeping = make().sleep(60_000, caller.signal);
    caller.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrow('enough');
  });

  it('rejects at once when the signal aborted before', async () => {
    await expect(make().sleep(60_000, AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
  });
});

describe('systemClock', () => {
  it('tells milliseconds since the epoch and sleeps at least as long as asked', async () => {
    const before = systemClock.now();
    expect(Math.abs(before - Date.now())).toBeLessThan(5_000);
    await systemClock.sleep(20);
    expect(systemClock.now() - before).toBeGreaterThanOrEqual(19);
  });
});
