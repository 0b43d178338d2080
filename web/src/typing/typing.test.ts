import { describe, expect, it } from 'bun:test';
import { fakeClock } from '../../test/fake-clock.ts';
import { ann, bob, eve, harbour } from '../../test/people.ts';
import { createTyping } from './typing.ts';

const start = () => {
  const { clock, advance } = fakeClock();
  const told: boolean[] = [];
  const typing = createTyping({ clock, me: ann, tell: (_c, on) => told.push(on) });
  return { typing, told, advance };
};

describe('typing', () => {
  it('shows the others of the last push until it expires', async () => {
    const { typing, advance } = start();
    typing.take(harbour, [ann, bob]);
    expect(typing.in(harbour)).toEqual([bob]);
    await advance(5_000);
    typing.take(harbour, [bob, eve]);
    await advance(5_000);
    expect(typing.in(harbour)).toEqual([bob, eve]);
    await advance(1_000);
    expect(typing.in(harbour)).toEqual([]);
  });

  it('ends with the message', () => {
    const { typing } = start();
    typing.take(harbour, [bob, eve]);
    typing.done(harbour, bob);
    expect(typing.in(harbour)).toEqual([eve]);
  });

  it('tells of typing at most every three seconds, and takes it back when nothing follows', async () => {
    const { typing, told, advance } = start();
    for (let second = 0; second < 6; second++) {
      typing.press(harbour);
      await advance(1_000);
    }
    expect(told).toEqual([true, true]);
    await advance(6_000);
    expect(told).toEqual([true, true, false]);
    typing.stop();
    expect(told).toHaveLength(3);
  });
});
