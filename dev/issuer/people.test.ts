import { describe, expect, it } from 'bun:test';
import { addExtraPeople, people, personByLogin, personBySub } from './people.ts';

describe('addExtraPeople', () => {
  it('adds people who can sign in, once, beside those whom the page lists', () => {
    expect(personByLogin('load-002')).toBeUndefined();
    addExtraPeople(2);
    addExtraPeople(3);
    const logins = ['load-001', 'load-002', 'load-003', 'load-004'].map((login) => personByLogin(login)?.login);
    expect(logins).toEqual(['load-001', 'load-002', 'load-003', undefined]);
    expect(personBySub('p-load-003')?.login).toBe('load-003');
    expect(people).toHaveLength(5);
  });
});
