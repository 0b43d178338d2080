import type { Id } from '@chatapp/contract/ids';

export const avatarTypes = ['image/png', 'image/jpeg', 'image/webp'] as const;
export type AvatarType = (typeof avatarTypes)[number];

/** What the first bytes of a file say that it is; undefined for anything but the three: an SVG may hold a script. */
export const imageTypeOf = (bytes: Uint8Array): AvatarType | undefined => {
  const hex = bytes.subarray(0, 12).toHex();
  if (hex.startsWith('89504e470d0a1a0a')) return 'image/png';
  if (hex.startsWith('ffd8ff')) return 'image/jpeg';
  return hex.startsWith('52494646') && hex.slice(16) === '57454250' ? 'image/webp' : undefined;
};

export const hashOfImage = (bytes: Uint8Array): string =>
  new Bun.CryptoHasher('sha256').update(bytes).digest('hex').slice(0, 16);

/** Where a browser finds a picture, through the BFF. The hash changes with it, so it can be kept for ever. */
export const avatarUrlOf = (userId: Id, hash: string): string => `/api/conversations/users/${userId}/avatar?v=${hash}`;
