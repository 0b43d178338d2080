import { describe, expect, it } from 'bun:test';
import { readArguments } from './arguments.ts';

const read = (...args: string[]) => readArguments(args, () => 42);

describe('readArguments', () => {
  it('does every fault with a seed of its own unless told otherwise', () => {
    expect(read()).toMatchObject({ faults: undefined, seed: 42, isShort: false });
  });

  it('reads faults, seed, form and load', () => {
    expect(read('--fault', 'f3, F34', '--seed', '7', '--short', '--rate', '100')).toMatchObject({
      ...{ faults: ['F3', 'F34'], seed: 7, isShort: true, messagesPerSecond: 100, recordTo: undefined },
    });
  });

  it('reads where a recording goes', () => expect(read('--record', 'a/b').recordTo).toBe('a/b'));

  it('says what is wrong', () => {
    expect(() => read('--seed', 'x')).toThrow('--seed takes a whole number');
    expect(() => read('--rate', '0')).toThrow('--rate');
    expect(() => read('--unheard')).toThrow('--unheard');
    expect(() => read('--help')).toThrow('Usage: bun run chaos [--fault');
  });
});
