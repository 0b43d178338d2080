import { describe, expect, it } from 'bun:test';
import { fold, toDirectoryQuery, wordsOf } from './user.ts';

describe('fold', () => {
  it.each([
    ['Zoë O’Neil', 'zoe o neil'],
    ['  ANN   B. ', 'ann b'],
    ['Ångström', 'angstrom'],
    ['李小龍', '李小龍'],
    ['😀', ''],
    ['ﬁne', 'fine'],
  ])('%p is searched as %p', (text, folded) => {
    expect(fold(text)).toBe(folded);
  });
});

describe('wordsOf', () => {
  it('keeps each word once', () => {
    expect(wordsOf('ann ann b')).toEqual(['ann', 'b']);
    expect(wordsOf('')).toEqual([]);
  });
});

describe('toDirectoryQuery', () => {
  it('looks the longest word up and filters by the others', () => {
    expect(toDirectoryQuery('An Berg')).toEqual({ by: 'name', prefix: 'berg', others: ['an'] });
  });
  it('takes what has an @ for an address', () => {
    expect(toDirectoryQuery(' Ann@Example.TEST\n')).toEqual({ by: 'email', email: 'ann@example.test' });
  });
  it('finds nothing by nothing', () => {
    expect(toDirectoryQuery(' -- ')).toEqual({ by: 'nothing' });
    expect(toDirectoryQuery('\u0000@x')).toEqual({ by: 'nothing' });
  });
});
