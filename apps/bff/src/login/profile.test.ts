import { describe, expect, it } from 'bun:test';
import { Profile } from '@chatapp/contract/http-conversations';
import { compileSchema } from '@chatapp/service/schema';
import type { IDToken } from 'oauth4webapi';
import { profileOf } from './profile.ts';

const claims = (more: Record<string, unknown>) =>
  ({ iss: 'i', sub: 's', aud: 'a', exp: 1, iat: 1, ...more }) as IDToken;

describe('profileOf', () => {
  it('takes what the issuer vouches for', () => {
    const picture = 'https://pictures.example/ann.png';
    const told = claims({ name: ' Ann  ', email: 'ann@example.test', email_verified: true, picture });
    expect(profileOf(told)).toEqual({
      name: 'Ann',
      email: 'ann@example.test',
      emailVerified: true,
      avatarUrl: picture,
    });
  });

  it.each([
    [{ nickname: 'annie' }, 'annie'],
    [{ name: '', preferred_username: 'ann1' }, 'ann1'],
    [{ email: 'ann@example.test' }, 'ann'],
    [{ email: '@example.test' }, 'Somebody'],
    [{ name: '\ufffd' }, '\ufffd'],
    [{ name: 7 }, 'Somebody'],
    [{ name: '\u0000\u0007 ' }, 'Somebody'],
    [{ name: '\u202bנועה\u202c \u200f' }, 'נועה'],
    [{ name: '\u2068\ud800\u061c', nickname: 'annie' }, 'annie'],
  ])('finds a name in %j', (told, name) => expect(profileOf(claims(told)).name).toBe(name));

  it('believes an e-mail verified only where that is said', () => {
    expect(profileOf(claims({ email_verified: 'true' })).emailVerified).toBe(false);
    expect(profileOf(claims({})).emailVerified).toBe(false);
  });

  it.each([
    'http://x/y',
    '/x',
    'javascript:alert(1)',
    `https://x/${'a'.repeat(3000)}`,
    'https://x/a b',
    'https://x\\y',
    5,
  ])('takes no picture from %s', (picture) => expect(profileOf(claims({ picture })).avatarUrl).toBeNull());

  it.each(['ann\u200e@example.test', 'ann\u0000@example.test', '\ud800@example.test'])(
    'makes no other address of %j',
    (email) => expect(profileOf(claims({ email, email_verified: true })).email).toBeNull(),
  );

  it('cuts a name that is too long, and no other', () => {
    expect(profileOf(claims({ name: '😀'.repeat(80) })).name).toBe('😀'.repeat(80));
    expect(profileOf(claims({ name: '😀'.repeat(81) })).name).toBe('😀'.repeat(80));
    expect(profileOf(claims({ name: 'e\u0301'.repeat(81) })).name).toBe('é'.repeat(80));
  });

  it('always fits the contract', () => {
    const { faults } = compileSchema(Profile);
    for (const name of ['😀'.repeat(100), `${'a'.repeat(79)}😀`, '', 'e\u0301'.repeat(90), '\u200e'.repeat(90)]) {
      const profile = profileOf(claims({ name, email: 'x'.repeat(400), picture: 'https://x/a b' }));
      expect(faults(profile)).toEqual([]);
      expect(profile.name.isWellFormed()).toBe(true);
    }
  });
});
