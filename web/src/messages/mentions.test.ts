import { describe, expect, it } from 'bun:test';
import type { User } from '@chatapp/contract/shapes';
import { ann, bob, eve } from '../../test/people.ts';
import { bodyOf, candidates, draftOf, mentionAt } from './mentions.ts';

const userOf = (id: string, name: string): User => ({ id, name, avatarUrl: null });
const people = [userOf(ann, 'Ann'), userOf(bob, 'Ann Marie (Quay)'), userOf(eve, 'Ève')];

describe('mentions', () => {
  it('come back as they went', () => {
    const body = `<@${ann}>, ask <@${bob}> or <@${eve}>.`;
    const draft = draftOf(body, (id) => people.find((user) => user.id === id)?.name ?? '');
    expect(draft).toBe('@Ann, ask @Ann Marie (Quay) or @Ève.');
    expect(bodyOf(draft, people)).toBe(body);
  });

  it('are whole names of people who are here', () => {
    for (const draft of ['@Anna', 'mail@Ann', '@Bob', 'Ann', '@ann']) expect(bodyOf(draft, people)).toBe(draft);
    expect(bodyOf('(@Ann)', people)).toBe(`(<@${ann}>)`);
  });

  it('go to the first of two people with one name', () => {
    expect(bodyOf('@Ann', [userOf(bob, 'Ann'), ...people])).toBe(`<@${bob}>`);
  });
});

describe('mentionAt', () => {
  it('is where a name is being typed', () => {
    expect(mentionAt('ask @Ma', 7)).toEqual({ start: 4, query: 'Ma' });
    expect(mentionAt('@', 1)).toEqual({ start: 0, query: '' });
    expect(mentionAt('ask @Ma now', 7)).toEqual({ start: 4, query: 'Ma' });
    expect(mentionAt('mail@Ma', 7)).toBeUndefined();
    expect(mentionAt('ask @Ma now', 11)).toBeUndefined();
  });
});

describe('candidates', () => {
  it('are people with a word that begins so', () => {
    expect(candidates(people, 'ma').map(({ id }) => id)).toEqual([bob]);
    expect(candidates(people, '')).toHaveLength(3);
  });
});
