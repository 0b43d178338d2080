import { describe, expect, it } from 'bun:test';
import { generate } from 'lean-qr';
import { pathOf } from './qr-code.tsx';

/** The modules that a path paints. */
const painted = (path: string): Set<string> => {
  const cells = new Set<string>();
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let at = 0; at < Number(width); at++) cells.add(`${Number(x) + at - 4},${Number(y) - 4}`);
  }
  return cells;
};

describe('pathOf', () => {
  it('paints the dark modules, all of them and no other', () => {
    const code = generate(`https://chat.example.test/invite/${'a'.repeat(43)}`);
    const cells = painted(pathOf(code));
    for (let y = 0; y < code.size; y++) {
      for (let x = 0; x < code.size; x++) expect(cells.has(`${x},${y}`)).toBe(code.get(x, y));
    }
  });
});
