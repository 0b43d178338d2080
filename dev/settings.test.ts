import { describe, expect, it } from 'bun:test';
import { readSettings } from './settings.ts';

const read = (env: Record<string, string>, ...args: string[]) => readSettings('/chatapp', env, args);

describe('readSettings', () => {
  it('has defaults for everything, also where a variable is set and empty', () => {
    const expected = {
      dataDir: '/chatapp/.data',
      port: 3000,
      replicas: 1,
      publicUrl: 'http://localhost:3000',
      external: {},
    };
    expect(read({})).toMatchObject(expected);
    expect(read({ PORT: '', CHATAPP_DATA_DIR: '', DATABASE_URL: '', PUBLIC_URL: '' })).toMatchObject(expected);
  });

  it('takes replicas as an argument, in both spellings', () => {
    expect(read({}, '--replicas', '2').replicas).toBe(2);
    expect(read({}, '--replicas=3').replicas).toBe(3);
  });

  it('lets addresses replace embedded parts', () => {
    const { external } = read({
      REDIS_URL: 'rediss://r:6380',
      DATABASE_URL: 'postgres://o@d/c',
      OIDC_ISSUER: 'https://i',
    });
    expect(external).toEqual({ redisUrl: 'rediss://r:6380', databaseUrl: 'postgres://o@d/c', issuer: 'https://i' });
  });

  it.each([
    ['PORT', '3000x'],
    ['PORT', '0'],
    ['PORT', '65536'],
    ['DATABASE_URL', 'mysql://d/c'],
    ['REDIS_URL', 'localhost'],
    ['OIDC_ISSUER', 'issuer'],
    ['PUBLIC_URL', 'chat.example.org'],
    ['PUBLIC_URL', 'localhost:3000'],
  ])('names %s when it is %s', (name, value) => {
    expect(() => read({ [name]: value })).toThrow(name);
  });

  it('keeps the value of an address out of the message: it may hold a password', () => {
    expect(() => read({ DATABASE_URL: 'mysql://o:secret@d/c' })).toThrow(/^(?!.*secret)/s);
  });

  it.each(['--replicas', '--replicas 0', '--copies 2', '--replicas 2 3'])('refuses %s', (args) => {
    expect(() => read({}, ...args.split(' '))).toThrow();
  });
});
