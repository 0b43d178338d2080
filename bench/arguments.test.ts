import { describe, expect, it } from 'bun:test';
import { readArguments } from './arguments.ts';

describe('readArguments', () => {
  it('measures all goals in three rounds', () => {
    expect(readArguments([])).toMatchObject({ name: 'messages', goals: undefined, rounds: 3, isQuick: false });
  });

  it('takes goals in any case, and one round when it is quick', () => {
    expect(readArguments(['messages', '--goals', 'g1, G9', '--quick', '--json'])).toMatchObject({
      ...{ goals: ['G1', 'G9'], rounds: 1, isQuick: true, isJson: true },
    });
  });

  it('refuses what it does not know', () => {
    expect(() => readArguments(['tea'])).toThrow('only: messages, proxy, web, conversations');
    expect(readArguments(['proxy']).name).toBe('proxy');
    expect(readArguments(['conversations']).name).toBe('conversations');
    expect(() => readArguments(['--rounds', '0'])).toThrow('--rounds');
    expect(() => readArguments(['--help'])).toThrow('Usage: bun run bench [messages');
  });
});
