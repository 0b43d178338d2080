import type { Me, User } from '@chatapp/contract/shapes';
import type { UserRow } from '../tables.ts';

export const toUser = ({ id, name, avatarUrl }: Pick<UserRow, 'id' | 'name' | 'avatarUrl'>): User => ({
  id,
  name,
  avatarUrl,
});

export const toMe = (row: UserRow): Me => ({
  ...toUser(row),
  email: row.email,
  emailVerified: row.emailVerified,
  createdAt: row.createdAt.toISOString(),
});

/** A text as it is searched: without case, accents and punctuation; words parted by one space. "Zoë O'Neil" → "zoe o neil". */
export const fold = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/** The different words of a folded text. */
export const wordsOf = (folded: string): string[] => [...new Set(folded.split(' ').filter((word) => word !== ''))];

/** An address as it is compared; local parts that differ in case alone belong to one person at every provider that we know. */
export const foldEmail = (email: string): string => email.trim().toLowerCase();

/** How a query of the directory is answered. */
type DirectoryQuery =
  | { readonly by: 'email'; readonly email: string }
  /** `prefix` is looked up, the longest word, of which the fewest names can begin; `others` only filter. */
  | { readonly by: 'name'; readonly prefix: string; readonly others: readonly string[] }
  | { readonly by: 'nothing' };

export const toDirectoryQuery = (text: string): DirectoryQuery => {
  if (text.includes('@')) {
    const email = foldEmail(text);
    // No address has a control character, and PostgreSQL refuses NUL.
    return /\p{Cc}/u.test(email) ? { by: 'nothing' } : { by: 'email', email };
  }
  const [prefix, ...others] = wordsOf(fold(text)).sort((left, right) => right.length - left.length);
  return prefix === undefined ? { by: 'nothing' } : { by: 'name', prefix, others };
};

/** The row with another name, and the form of it that is searched. */
export const named = (row: UserRow, name: string): UserRow => ({ ...row, name, nameFolded: fold(name) });

/**
 * A deleted person: the id, which others' lists hold, and nothing that says who it was. A verified address stays folded, where nobody is found by it, until
 * the invitations to it are gone too.
 */
export const scrubbed = (row: UserRow, at: Date): UserRow => ({
  id: row.id,
  name: 'Deleted account',
  nameFolded: '',
  nameIsOwn: false,
  email: null,
  emailFolded: row.emailVerified ? row.emailFolded : null,
  emailVerified: false,
  avatarUrl: null,
  avatarIsOwn: false,
  eventCount: row.eventCount,
  createdAt: at,
  updatedAt: at,
  deletedAt: at,
  isLeaving: true,
});
