import { Me } from '@chatapp/contract/shapes';
import { machine } from '@chatapp/service/authenticate';
import { Elysia } from 'elysia';
import type { Uses } from '../deps.ts';
import { ById, docs } from '../route-docs.ts';
import { toMe } from './user.ts';
import { requireProfile } from './user-store.ts';

/** `GET /internal/users/:id`: the profile as it is now, for the page of its person. Of the scope that keeps it, whose holder is answered the same. */
export const tellProfile = ({ auth, read }: Uses<'auth' | 'read'>) =>
  new Elysia()
    .use(machine(auth, 'conversations:users.write'))
    .get('/internal/users/:id', async ({ params }) => toMe(await read((db) => requireProfile(db, params.id))), {
      params: ById,
      response: { 200: Me },
      detail: docs('internal', 'Tells the profile of a person.'),
    });
