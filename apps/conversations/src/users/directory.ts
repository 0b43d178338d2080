import { UsersQuery } from '@chatapp/contract/http-conversations';
import { type Id, isId } from '@chatapp/contract/ids';
import { limits } from '@chatapp/contract/limits';
import { Page, User } from '@chatapp/contract/shapes';
import { person } from '@chatapp/service/authenticate';
import { decodeCursor } from '@chatapp/service/cursor';
import { ProblemError } from '@chatapp/service/problem';
import { Elysia } from 'elysia';
import type { Queryable } from '../database.ts';
import type { Uses } from '../deps.ts';
import { pageOf } from '../page.ts';
import { docs } from '../route-docs.ts';
import { toDirectoryQuery } from './user.ts';
import { listUsersById, searchByEmail, searchByName } from './user-store.ts';

/** `GET /users`: finds people by name or whole e-mail address, or names the people of ids that the caller has. */
export const directory = ({ auth, read, directory: mode }: Uses<'auth' | 'read' | 'directory'>) =>
  new Elysia().use(person(auth)).get(
    '/users',
    async ({ person, query: { query, ids, cursor, limit = limits.pageSizeDefault } }) => {
      if ((query === undefined) === (ids === undefined)) throw oneOfThem();
      if (ids !== undefined) return { items: await read((db) => listUsersById(db, readIds(ids))), next: null };
      const request = { text: query ?? '', mode, callerId: person.id, cursor, limit };
      return await read((db) => search(db, request));
    },
    {
      query: UsersQuery,
      response: { 200: Page(User) },
      detail: docs('users', 'Searches the directory by name or whole e-mail address, or reads names by ids.'),
    },
  );

interface SearchRequest {
  readonly text: string;
  readonly mode: Uses<'directory'>['directory'];
  readonly callerId: Id;
  readonly cursor: string | undefined;
  readonly limit: number;
}

const search = async (db: Queryable, { text, mode, callerId, cursor, limit }: SearchRequest): Promise<Page<User>> => {
  const wanted = toDirectoryQuery(text);
  if (wanted.by === 'email') return { items: await searchByEmail(db, wanted.email), next: null };
  if (wanted.by === 'nothing' || mode === 'exact') return { items: [], next: null };
  const found = await searchByName(db, {
    ...wanted,
    after: cursor === undefined ? undefined : placeOf(decodeCursor(cursor, isFoundKey)),
    limit,
    acquaintancesOf: mode === 'members' ? callerId : undefined,
  });
  return pageOf(found, { limit }, { item: ({ user }) => user, key: ({ word, userId }) => [word, userId] });
};

const readIds = (list: string): Id[] => {
  const ids = list.split(',');
  if (!ids.every(isId)) throw new ProblemError('invalid', { errors: [{ path: '/ids', code: 'pattern' }] });
  return [...new Set(ids)];
};

const isFoundKey = (key: unknown): key is [string, string] =>
  Array.isArray(key) &&
  key.length === 2 &&
  typeof key[0] === 'string' &&
  /^[\p{L}\p{N}]{1,480}$/u.test(key[0]) &&
  typeof key[1] === 'string' &&
  isId(key[1]);

const placeOf = ([word, userId]: [string, string]) => ({ word, userId });

const oneOfThem = () => new ProblemError('invalid', { errors: [{ path: '/query', code: 'either-query-or-ids' }] });
