import type { Profile } from '@chatapp/contract/http-conversations';
import { limits } from '@chatapp/contract/limits';
import type { IDToken } from 'oauth4webapi';

/** A person's profile as far as the ID token tells it; what does not fit the contract is left out. */
export const profileOf = (claims: IDToken): Profile => {
  const email = textOf(claims.email);
  const picture = textOf(claims.picture);
  const name = textOf(claims.name) ?? textOf(claims.nickname) ?? textOf(claims.preferred_username);
  return {
    name: cut(name ?? email?.split('@')[0] ?? 'Somebody', limits.userNameLengthMax),
    email: email !== undefined && email.length <= 320 ? email : null,
    emailVerified: claims.email_verified === true,
    avatarUrl: picture?.startsWith('https://') && picture.length <= limits.avatarUrlLengthMax ? picture : null,
  };
};

/** Text without control characters and spaces around; undefined where nothing is left. */
const textOf = (claim: unknown): string | undefined => {
  if (typeof claim !== 'string') return undefined;
  const text = claim
    .normalize('NFC')
    .replaceAll(/\p{Cc}/gu, '')
    .trim();
  return text === '' ? undefined : text;
};

/** At most so many UTF-16 units, without half a character at the end. */
const cut = (text: string, lengthMax: number): string =>
  text
    .slice(0, lengthMax)
    .toWellFormed()
    .replace(/\uFFFD$/, '');
