import { UpdateMe } from '@chatapp/contract/http-conversations';
import { Me } from '@chatapp/contract/shapes';
import { person } from '@chatapp/service/authenticate';
import { ProblemError } from '@chatapp/service/problem';
import { Elysia } from 'elysia';
import type { Uses } from '../deps.ts';
import { oneLine, userName } from '../plain-text.ts';
import { docs } from '../route-docs.ts';
import type { UserRow } from '../tables.ts';
import { deleteAvatar } from './avatar-store.ts';
import { named, toMe } from './user.ts';
import { lockProfile, requireProfile, writeProfile } from './user-store.ts';

/** `GET /me` and `PATCH /me`: my profile. What I set myself stays when I sign in again. */
export const me = ({ auth, read, transact, now }: Uses<'auth' | 'read' | 'transact' | 'now'>) =>
  new Elysia()
    .use(person(auth))
    .get('/me', async ({ person }) => toMe(await read((db) => requireProfile(db, person.id))), {
      response: { 200: Me },
      detail: docs('users', 'Reads my profile.'),
    })
    .patch(
      '/me',
      async ({ person, body }) =>
        await transact(async (tx) => {
          const before = await lockProfile(tx, person.id);
          if (before === undefined || before.deletedAt !== null) throw new ProblemError('not-found');
          if (body.avatarUrl !== undefined) await deleteAvatar(tx, person.id);
          return toMe(await writeProfile(tx, { before, after: updated(before, body), at: now() }));
        }),
      { body: UpdateMe, response: { 200: Me }, detail: docs('users', 'Changes my name or picture.') },
    );

const updated = (before: UserRow, { name, avatarUrl }: UpdateMe): UserRow => ({
  ...(name === undefined ? before : { ...named(before, oneLine(name, userName)), nameIsOwn: true }),
  ...(avatarUrl === undefined ? {} : { avatarUrl, avatarIsOwn: true }),
});
