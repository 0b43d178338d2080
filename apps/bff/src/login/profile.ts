import type { Profile } from '@chatapp/contract/http-conversations';
import { limits } from '@chatapp/contract/limits';
import { AvatarUrl } from '@chatapp/contract/shapes';
import { compileSchema } from '@chatapp/service/schema';
import type { IDToken } from 'oauth4webapi';

/** A person's profile as far as the ID token tells it; what does not fit the contract is left out. */
export const profileOf = (claims: IDToken): Profile => {
  const email = emailOf(claims.email);
  const picture = textOf(claims.picture);
  const name = textOf(claims.name) ?? textOf(claims.nickname) ?? textOf(claims.preferred_username);
  return {
    name: cut(name ?? (email?.split('@')[0] || 'Somebody'), limits.userNameLengthMax),
    email: email ?? null,
    emailVerified: claims.email_verified === true,
    avatarUrl: picture?.startsWith('https://') && avatarUrl.check(picture) ? picture : null,
  };
};

const avatarUrl = compileSchema(AvatarUrl);

// Controls, halves of characters and what turns the writing direction: names that hold them are refused by conversations.
const unwanted = /[\p{Cc}\p{Cs}\u{061C}\u{200E}\u{200F}\u{202A}-\u{202E}\u{2066}-\u{2069}]/gu;

/** Text without unwanted characters and spaces around; undefined where nothing is left. */
const textOf = (claim: unknown): string | undefined => {
  if (typeof claim !== 'string') return undefined;
  const text = claim.normalize('NFC').replaceAll(unwanted, '').trim();
  return text === '' ? undefined : text;
};

/** An address is taken whole or not at all: without some of its characters it is somebody else's. */
const emailOf = (claim: unknown): string | undefined => {
  const email = textOf(claim);
  return email !== undefined && email.length <= 320 && email === String(claim).normalize('NFC').trim()
    ? email
    : undefined;
};

const cut = (text: string, codePointsMax: number): string => Array.from(text).slice(0, codePointsMax).join('');
