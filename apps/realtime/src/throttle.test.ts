import { describe, expect, it } from 'bun:test';
import { fakeClock } from '@chatapp/resilience/fake-clock';
import { createThrottle } from './throttle.ts';

const setUp = () => {
  const clock = fakeClock();
  const done: string[] = [];
  const throttle = createThrottle(1000, clock);
  return { clock, done, say: (key: string, what: string) => throttle(key, () => done.push(`${what} ${clock.now()}`)) };
};

describe('createThrottle', () => {
  it('does the first at once, and of what comes meanwhile the last one when its time is there', async () => {
    const { clock, done, say } = setUp();
    for (const what of ['a', 'b', 'c']) say('key', what);
    expect(done).toEqual(['a 0']);
    await clock.advance(999);
    say('key', 'd');
    await clock.advance(1);
    expect(done).toEqual(['a 0', 'd 1000']);
    say('key', 'e');
    await clock.advance(1000);
    expect(done).toEqual(['a 0', 'd 1000', 'e 2000']);
  });

  it('holds nothing back after a pause, nor for another key', async () => {
    const { clock, done, say } = setUp();
    say('key', 'a');
    say('other', 'b');
    await clock.advance(1000);
    expect(clock.sleepers()).toBe(0);
    say('key', 'c');
    expect(done).toEqual(['a 0', 'b 0', 'c 1000']);
  });
});
