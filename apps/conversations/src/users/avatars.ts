import type { Id } from '@chatapp/contract/ids';
import { Me } from '@chatapp/contract/shapes';
import { person } from '@chatapp/service/authenticate';
import { ProblemError } from '@chatapp/service/problem';
import { Elysia } from 'elysia';
import type { Uses } from '../deps.ts';
import { PictureQuery, pictureBody, readPicture, showPicture } from '../picture.ts';
import { ById, docs } from '../route-docs.ts';
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
        const picture = await readPicture(request);
        const hash = hashOf(picture.bytes);
        return await transact(async (tx) => {
          const at = now();
          const before = await lockProfile(tx, person.id);
          if (before === undefined || before.deletedAt !== null) throw new ProblemError('not-found');
          await saveAvatar(tx, { userId: person.id, ...picture, hash, createdAt: at });
          const after = { ...before, avatarUrl: avatarUrlOf(person.id, hash), avatarIsOwn: true };
          return toMe(await writeProfile(tx, { before, after, at }));
        });
      },
      {
        response: { 200: Me },
        detail: { ...docs('users', 'Sets my picture: a PNG, JPEG or WebP of up to 64 KB.'), requestBody: pictureBody },
      },
    )
    .get(
      '/users/:id/avatar',
      async ({ params, query, request }) => {
        const avatar = await read((db) => readAvatar(db, params.id));
        if (avatar === undefined) throw new ProblemError('not-found');
        return showPicture({ ...avatar, version: avatar.hash }, { request, asked: query.v });
      },
      { params: ById, query: PictureQuery, detail: docs('users', "Shows a person's own picture.") },
    );

const hashOf = (bytes: Uint8Array): string => new Bun.CryptoHasher('sha256').update(bytes).digest('hex').slice(0, 16);

/** Where a browser finds a picture, through the BFF. The hash changes with it, so it can be kept for ever. */
const avatarUrlOf = (userId: Id, hash: string): string => `/api/conversations/users/${userId}/avatar?v=${hash}`;
