import { describe, expect, it } from 'bun:test';
import { StartError } from '../dev/start-error.ts';
import { readArguments, requireGoals } from './arguments.ts';

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
    for (const mistyped of [['tea'], ['--rounds', '0'], ['--help']]) {
      expect(() => readArguments(mistyped)).toThrow(StartError);
      expect(() => readArguments(mistyped)).toThrow('Usage: bun run bench [messages');
    }
  });
});

describe('requireGoals', () => {
  const known = ['G1', 'G9'];
  const require = (...args: string[]) => requireGoals(readArguments(args), known);

  it('takes goals that there are, and no goals', () => {
    require();
    require('--goals', 'G9');
  });

  it('refuses one that there is not beside one that there is', () => {
    expect(() => require('--goals', 'G1,G99')).toThrow(StartError);
    expect(() => require('--goals', 'G1,G99')).toThrow('no goal G99.\n  It has: G1, G9.');
  });
});
