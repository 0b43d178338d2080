import { describe, expect, it } from 'bun:test';
import { middleSquare } from './picture.ts';

describe('middleSquare', () => {
  it('is the middle of what is longer', () => {
    expect(middleSquare({ width: 300, height: 100 })).toEqual({ left: 100, top: 0, edge: 100 });
    expect(middleSquare({ width: 101, height: 400 })).toEqual({ left: 0, top: 149, edge: 101 });
  });
});
