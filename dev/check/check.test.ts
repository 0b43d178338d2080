import { describe, expect, it } from 'bun:test';
import { checksNamed } from './check.ts';

const all = ['types', 'lint and format', 'dead code'].map((name) => ({ name, run: async () => [], mend: '' }));
const named = (...parts: string[]): string[] => checksNamed(parts, all).map(({ name }) => name);

describe('checksNamed', () => {
  it('finds by parts of names, all without any', () => {
    expect(named('dead', 'lint')).toEqual(['lint and format', 'dead code']);
    expect(named()).toHaveLength(3);
  });

  it('refuses a part that no name contains, also beside one that does', () => {
    expect(() => named('lint', 'tpyo')).toThrow(
      'No check is named tpyo. There are: types, lint and format, dead code.',
    );
  });
});
