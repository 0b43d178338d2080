import { type OwnMessage, OwnMessages } from '@chatapp/contract/http-messages';
import { isId } from '@chatapp/contract/ids';
import { limits } from '@chatapp/contract/limits';
import { type Authentication, person } from '@chatapp/service/authenticate';
import { decodeCursor, encodeCursor } from '@chatapp/service/cursor';
import { Elysia, t } from 'elysia';
import type { Sql } from 'postgres';
import { readDatabase } from '../database.ts';
import { readOwnMessages } from './own-messages-store.ts';

export interface OwnMessagesOptions {
  readonly auth: Authentication;
  readonly sql: Sql;
}

/** `GET /me/messages`: my part of an export. Needs no access to a conversation: it holds nobody else's words. */
export const ownMessages = ({ auth, sql }: OwnMessagesOptions) =>
  new Elysia().use(person(auth)).get(
    '/me/messages',
    async ({ person, query, set }) => {
      set.headers['cache-control'] = 'no-store';
      const limit = query.limit ?? limits.pageSizeDefault;
      const after = query.cursor === undefined ? undefined : placeOf(decodeCursor(query.cursor, isPlaceKey));
      // One more than asked for says whether there is a next page.
      const rows = await readDatabase(() => readOwnMessages(sql, person.id, { after, limit: limit + 1 }));
      const items = rows.slice(0, limit);
      const last = rows.length > limit ? items.at(-1) : undefined;
      return {
        items: items.map(({ clientId: _, ...message }): OwnMessage => message),
        next: last === undefined ? null : encodeCursor([last.conversationId, last.clientId]),
      };
    },
    {
      query: t.Object({
        cursor: t.Optional(t.String({ maxLength: 500 })),
        limit: t.Optional(t.Integer({ minimum: 1, maximum: limits.ownMessagesPageMax })),
      }),
      response: { 200: OwnMessages },
      detail: {
        tags: ['timeline'],
        security: [{ bearer: [] }],
        summary: 'The texts that I wrote and did not delete, also where I am no member any more.',
        description: 'By conversation; within one in no order of time: sort by `seq`.',
      },
    },
  );

const isPlaceKey = (key: unknown): key is [string, string] =>
  Array.isArray(key) && key.length === 2 && key.every((part) => typeof part === 'string' && isId(part));

const placeOf = ([conversationId, clientId]: [string, string]) => ({ conversationId, clientId });
