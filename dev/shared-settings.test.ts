import { describe, expect, it } from 'bun:test';
import { join } from 'node:path';
import type { Setting } from '@chatapp/service/config';
import { settingsByApp } from './check/environment.ts';

const byApp = (await settingsByApp(join(import.meta.dir, '..'))) as ReadonlyMap<string, readonly Setting<unknown>[]>;
const all = [...byApp.values()].flat();
const shared = Map.groupBy(all, ({ name }) => name);
/** The rule of a number, as it is told to who breaks it. */
const boundsOf = ({ read }: Setting<unknown>) => {
  const result = read('none');
  return 'fault' in result ? result.fault : '';
};

describe('a number that several services read', () => {
  const numbers = [...shared].filter(
    ([, [first, ...more]]) => first && more.length > 0 && /^\d+$/.test(first.default ?? ''),
  );

  it.each(numbers.map(([name]) => name))('%s has the same bounds in each', (name) => {
    expect(new Set(shared.get(name)?.map(boundsOf)).size).toBe(1);
  });
});
