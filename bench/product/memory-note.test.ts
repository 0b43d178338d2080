import { describe, expect, it } from 'bun:test';
import { memoryOfOne } from './memory-note.ts';

describe('memoryOfOne', () => {
  it('divides what came to all processes, and names the most frequent objects first', () => {
    const before = { resident: 1000, heap: 500, external: 0, objects: { Map: 10, string: 100 } };
    const after = { resident: 5000, heap: 1500, external: 200, objects: { Map: 14, string: 100, Person: 2 } };
    expect(memoryOfOne([before, before], [after, after], 4)).toEqual({
      ...{ resident: 2000, heap: 500, external: 100 },
      objects: [
        { type: 'Map', count: 2 },
        { type: 'Person', count: 1 },
      ],
    });
  });
});
