import { limits } from '@chatapp/contract/limits';
import { Me } from '@chatapp/contract/shapes';
import { person } from '@chatapp/service/authenticate';
import { readBytes } from '@chatapp/service/json';
import { ProblemError } from '@chatapp/service/problem';
import { Elysia, t } from 'elysia';
import type { Uses } from '../deps.ts';
import { ById, docs } from '../route-docs.ts';
import { avatarTypes, avatarUrlOf, hashOfImage, imageTypeOf } from './avatar.ts';
import { readAvatar, saveAvatar } from './avatar-store.ts';
import { toMe } from './user.ts';
import { lockProfile, writeProfile } from './user-store.ts';

/** Its handler reads the body: it is no JSON. */
export const avatarPath = '/me/avatar';

/** `PUT /me/avatar`: a PNG, JPEG or WebP of up to 64 KB. `GET /users/:id/avatar` shows it to who is signed in. */
export const avatars = ({ auth, read, transact, now }: Uses<'auth' | 'read' | 'transact' | 'now'>) =>
  new Elysia()
    .use(person(auth))
    .put(
      avatarPath,
      async ({ person, request }) => {
        const bytes = await readBytes(request, limits.avatarBytesMax);
        const type = imageTypeOf(bytes);
        // What it says and what it is must be the same one of the three.
        if (type === undefined || request.headers.get('content-type') !== type) {
          throw new ProblemError('media-type', { detail: `Send ${avatarTypes.join(', ')}.` });
        }
        const hash = hashOfImage(bytes);
        return await transact(async (tx) => {
          const at = now();
          const before = await lockProfile(tx, person.id);
          if (before === undefined || before.deletedAt !== null) throw new ProblemError('not-found');
          await saveAvatar(tx, { userId: person.id, type, hash, bytes, createdAt: at });
          const after = { ...before, avatarUrl: avatarUrlOf(person.id, hash), avatarIsOwn: true };
          return toMe(await writeProfile(tx, { before, after, at }));
        });
      },
      {
        response: { 200: Me },
        detail: { ...docs('users', 'Sets my picture: a PNG, JPEG or WebP of up to 64 KB.'), requestBody: imageBody() },
      },
    )
    .get(
      '/users/:id/avatar',
      async ({ params, query, request }) => {
        const avatar = await read((db) => readAvatar(db, params.id));
        if (avatar === undefined) throw new ProblemError('not-found');
        const headers = new Headers({
          'content-type': avatar.type,
          etag: `"${avatar.hash}"`,
          // Its address names this very picture, or the present one.
          'cache-control': query.v === avatar.hash ? 'private, max-age=31536000, immutable' : 'private, no-cache',
          'x-content-type-options': 'nosniff',
          'content-disposition': 'inline',
          'content-security-policy': "default-src 'none'; sandbox",
        });
        if (request.headers.get('if-none-match') === `"${avatar.hash}"`) {
          return new Response(null, { status: 304, headers });
        }
        return new Response(Buffer.from(avatar.bytes), { headers });
      },
      {
        params: ById,
        query: t.Object({ v: t.Optional(t.String({ maxLength: 64 })) }),
        detail: docs('users', "Shows a person's own picture."),
      },
    );

function imageBody() {
  const schema = { type: 'string', format: 'binary' } as const;
  return { required: true, content: Object.fromEntries(avatarTypes.map((type) => [type, { schema }])) };
}
