import { limits } from '@chatapp/contract/limits';
import { readBytes } from '@chatapp/service/json';
import { ProblemError } from '@chatapp/service/problem';
import { t } from 'elysia';

/** What pictures of people and of conversations have in common: what is taken, and how it is shown. */

const pictureTypes = ['image/png', 'image/jpeg', 'image/webp'] as const;
type PictureType = (typeof pictureTypes)[number];

/** What the first bytes of a file say that it is; undefined for anything but the three: an SVG may hold a script. */
export const pictureTypeOf = (bytes: Uint8Array): PictureType | undefined => {
  const hex = bytes.subarray(0, 12).toHex();
  if (hex.startsWith('89504e470d0a1a0a')) return 'image/png';
  if (hex.startsWith('ffd8ff')) return 'image/jpeg';
  return hex.startsWith('52494646') && hex.slice(16) === '57454250' ? 'image/webp' : undefined;
};

/** A request's body as a picture; throws `media-type` or `too-large`. */
export const readPicture = async (request: Request): Promise<{ type: PictureType; bytes: Uint8Array }> => {
  const bytes = await readBytes(request, limits.avatarBytesMax);
  const type = pictureTypeOf(bytes);
  // What it says and what it is must be the same one of the three.
  if (type === undefined || request.headers.get('content-type') !== type) {
    throw new ProblemError('media-type', { detail: `Send ${pictureTypes.join(', ')}.` });
  }
  return { type, bytes };
};

/** `v`: the version of the picture that an address names; without it the present one is meant. */
export const PictureQuery = t.Object({ v: t.Optional(t.String({ maxLength: 64 })) });

/** The answer that shows a picture; 304 to who has it. `version` changes with the picture. */
export const showPicture = (
  { type, version, bytes }: { type: string; version: string; bytes: Uint8Array },
  { request, asked }: { request: Request; asked: string | undefined },
): Response => {
  const headers = new Headers({
    'content-type': type,
    etag: `"${version}"`,
    // Its address names this very picture, or the present one.
    'cache-control': asked === version ? 'private, max-age=31536000, immutable' : 'private, no-cache',
    'x-content-type-options': 'nosniff',
    'content-disposition': 'inline',
    'content-security-policy': "default-src 'none'; sandbox",
  });
  if (request.headers.get('if-none-match') === `"${version}"`) return new Response(null, { status: 304, headers });
  return new Response(Buffer.from(bytes), { headers });
};

const schema = { type: 'string', format: 'binary' } as const;

/** What the API documentation says of a body that is a picture. */
export const pictureBody = {
  required: true,
  content: Object.fromEntries(pictureTypes.map((type) => [type, { schema }])),
};
