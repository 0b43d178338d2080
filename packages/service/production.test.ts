import { describe, expect, it } from 'bun:test';
import { answersDocs, hasGuessablePassword, isGuessable } from './production.ts';
import { isWildcard } from './safe-address.ts';

describe('isGuessable', () => {
  it.each([
    '',
    'short',
    'password',
    'Password1!',
    'change-me',
    'CHANGEME123',
    'development-bff',
    'your-secret',
    'yugabyte',
    'postgres',
    'letmein!!',
  ])('S45: takes "%s" for a password that somebody guesses', (secret) => expect(isGuessable(secret)).toBe(true));
  it.each(['c0rrect-h0rse', 'developers-only-9f3a', 'passwordless-sea-lion', '7d1f0c2b9a'])(
    'lets "%s" pass',
    (secret) => expect(isGuessable(secret)).toBe(false),
  );
});

describe('hasGuessablePassword', () => {
  it.each([
    ['redis://redis:6379', true],
    ['redis://bff@redis:6379', true],
    ['redis://messages:messages@redis:6379', true],
    ['redis://bff:%64evelopment-bff@redis:6379', true],
    ['redis://bff:7d1f0c2b9a@redis:6379', false],
    ['redis://:7d1f0c2b9a@redis:6379', false],
    ['redis://bff:7d1f%zz0c2b9a@redis:6379', false],
  ])('S45: of %s is %p', (url, expected) => expect(hasGuessablePassword(url)).toBe(expected));

  it.each([
    ['redis://conversations@redis:6379', 'conversations', true],
    ['redis://c%6fnversations@redis:6379', 'conversations', true],
    ['redis://conversations@redis:6379', 'changeme', true],
    ['redis://conversations@redis:6379', '7d1f0c2b9a', false],
    ['redis://redis:6379', '7d1f0c2b9a', false],
  ])('S45: of %s with %s in a file is %p', (url, password, expected) =>
    expect(hasGuessablePassword(url, password)).toBe(expected),
  );
});

describe('isWildcard', () => {
  it.each(['0.0.0.0', '0', '::', '[::]', '::0', '0:0:0:0:0:0:0:0', '::ffff:0.0.0.0', '0x0', '*'])(
    'S45: knows that %s is every address',
    (host) => expect(isWildcard(host)).toBe(true),
  );
  it.each(['127.0.0.1', '::1', '[::1]', 'localhost', '10.0.0.1', '::ffff:10.0.0.1', 'fe80::1'])(
    'lets %s pass',
    (host) => expect(isWildcard(host)).toBe(false),
  );
});

describe('answersDocs', () => {
  it('S45: is no where nothing is said in production, and where PUBLIC_URL is https', () => {
    const said = { apiDocs: undefined, environment: 'development', publicUrl: 'http://localhost:3000' } as const;
    expect(answersDocs(said)).toBe(true);
    expect(answersDocs({ ...said, environment: 'production' })).toBe(false);
    expect(answersDocs({ ...said, publicUrl: 'https://chat.example' })).toBe(false);
    expect(answersDocs({ ...said, apiDocs: 'off' })).toBe(false);
    expect(answersDocs({ ...said, publicUrl: 'https://chat.example', apiDocs: 'on' })).toBe(true);
  });
});
