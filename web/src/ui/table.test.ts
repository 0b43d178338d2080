import { describe, expect, it } from 'bun:test';
import { createMemo, createRoot } from 'solid-js';
import { createTable } from './table.ts';

describe('createTable', () => {
  it('replaces a value whole and never writes into the one before', () => {
    const table = createTable<{ body: string; more?: string }>();
    const first = { body: 'one', more: 'x' };
    table.put('a', first);
    table.put('a', { body: 'two' });
    expect(first).toMatchObject({ body: 'one', more: 'x' });
    expect(table.get('a')?.more).toBeUndefined();
  });

  it('tells only who reads the value that changed', () => {
    createRoot((dispose) => {
      const table = createTable<number>();
      let runs = 0;
      const a = createMemo(() => {
        runs++;
        return table.get('a');
      });
      table.put('b', 1);
      expect({ runs, value: a() }).toEqual({ runs: 1, value: undefined });
      table.put('a', 2);
      expect({ runs, value: a() }).toEqual({ runs: 2, value: 2 });
      dispose();
    });
  });

  it('keeps only what a new list names', () => {
    const table = createTable<number>();
    table.putAll({ a: 1, b: 2 });
    table.replace({ b: 3, c: 4 });
    expect(table.get('a')).toBeUndefined();
    expect(table.all()).toEqual([3, 4]);
    table.remove('b');
    expect(table.ids()).toEqual(['c']);
  });
});
