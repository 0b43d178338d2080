import { describe, expect, it } from 'bun:test';
import { send } from '../testing/people.ts';
import { batchesOf } from './batches.ts';

const entry = (id: string, count: number, body = 'x') => ({
  id,
  fields: {
    v: '1',
    commands: JSON.stringify(Array.from({ length: count }, () => send(crypto.randomUUID(), { body }))),
  },
});
const sizes = (batches: ReturnType<typeof batchesOf>) => batches.map(({ commands }) => commands.length);

describe('batchesOf', () => {
  it('cuts by the number of commands and never divides an entry', () => {
    const read = [{ shard: 1, entries: [entry('1-0', 6), entry('2-0', 6), entry('3-0', 4), entry('4-0', 25)] }];
    expect(sizes(batchesOf(read, 10))).toEqual([6, 10, 25]);
  });

  it('cuts by a megabyte of text', () => {
    const entries = Array.from({ length: 5 }, (_, n) => entry(`${n + 1}-0`, 100, 'y'.repeat(4000)));
    expect(sizes(batchesOf([{ shard: 1, entries }], 1000))).toEqual([200, 200, 100]);
  });

  it('keeps with each batch what is to be taken off which stream', () => {
    const read = [
      { shard: 1, entries: [entry('1-0', 1), entry('2-0', 1)] },
      { shard: 3, entries: [entry('1-0', 1)] },
    ];
    const [batch] = batchesOf(read, 10);
    expect(batch?.entries.map(({ shard, entries }) => [shard, entries.map(({ id }) => id)])).toEqual([
      [1, ['1-0', '2-0']],
      [3, ['1-0']],
    ]);
  });

  it('stores normalized text', () => {
    const [batch] = batchesOf([{ shard: 1, entries: [entry('1-0', 1, 'e\u0301\r\n')] }], 10);
    expect(batch?.commands[0]).toMatchObject({ body: 'é\n' });
  });

  it('makes none of nothing', () => {
    expect(batchesOf([], 10)).toEqual([]);
  });
});
