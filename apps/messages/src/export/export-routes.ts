import {
  type OwnMarker,
  OwnMarkers,
  type OwnMessage,
  OwnMessages,
  OwnReactions,
} from '@chatapp/contract/http-messages';
import { isId } from '@chatapp/contract/ids';
import { limits } from '@chatapp/contract/limits';
import { type Authentication, person } from '@chatapp/service/authenticate';
import { decodeCursor, encodeCursor } from '@chatapp/service/cursor';
import { Elysia, t } from 'elysia';
import type { Sql } from 'postgres';
import { isEmoji } from '../commands/emoji.ts';
import { readDatabase } from '../database.ts';
import { readOwnMarkers, readOwnMessages, readOwnReactions } from './export-store.ts';

export interface ExportRoutesOptions {
  readonly auth: Authentication;
  readonly sql: Sql;
}

/** What this service keeps of me, in pages: its part of an export. Needs no access to a conversation: it holds nobody else's words. */
export const exportRoutes = ({ auth, sql }: ExportRoutesOptions) =>
  new Elysia({ prefix: '/me' })
    .use(person(auth))
    .onBeforeHandle(({ set }) => {
      set.headers['cache-control'] = 'no-store';
    })
    .get(
      '/messages',
      async ({ person, query }) => {
        const { after, limit } = asked(query, isIdAndId);
        const place = after && { conversationId: after[0], clientId: after[1] };
        const rows = await readDatabase(() => readOwnMessages(sql, person.id, { after: place, limit: limit + 1 }));
        return pageOf(rows, limit, {
          item: ({ clientId: _, ...message }): OwnMessage => message,
          key: (row) => [row.conversationId, row.clientId],
        });
      },
      {
        query: ExportQuery,
        response: { 200: OwnMessages },
        detail: {
          ...documented('The texts that I wrote and did not delete, also where I am no member any more.'),
          description: 'By conversation; within one in no order of time: sort by `seq`.',
        },
      },
    )
    .get(
      '/reactions',
      async ({ person, query }) => {
        const { after, limit } = asked(query, isReactionKey);
        const place = after && { conversationId: after[0], seq: after[1], emoji: after[2] };
        const rows = await readDatabase(() => readOwnReactions(sql, person.id, { after: place, limit: limit + 1 }));
        return pageOf(rows, limit, { item: (row) => row, key: (row) => [row.conversationId, row.seq, row.emoji] });
      },
      {
        query: ExportQuery,
        response: { 200: OwnReactions },
        detail: documented('What I reacted with, by conversation and message, also where I am no member any more.'),
      },
    )
    .get(
      '/read-markers',
      async ({ person, query }) => {
        const { after, limit } = asked(query, isOneId);
        const rows = await readDatabase(() => readOwnMarkers(sql, person.id, { after: after?.[0], limit: limit + 1 }));
        return pageOf(rows, limit, { item: (row): OwnMarker => row, key: (row) => [row.conversationId] });
      },
      {
        query: ExportQuery,
        response: { 200: OwnMarkers },
        detail: documented('How far I have read, by conversation, also where I am no member any more.'),
      },
    );

const ExportQuery = t.Object({
  cursor: t.Optional(t.String({ maxLength: 500 })),
  limit: t.Optional(t.Integer({ minimum: 1, maximum: limits.exportPageMax })),
});

const documented = (summary: string) => ({ tags: ['export'], security: [{ bearer: [] }], summary });

const asked = <Key>(query: typeof ExportQuery.static, check: (key: unknown) => key is Key) => ({
  after: query.cursor === undefined ? undefined : decodeCursor(query.cursor, check),
  limit: query.limit ?? limits.pageSizeDefault,
});

/** A page of rows of which one more than asked for was read: that says whether there is a next page. */
const pageOf = <Row, Item>(
  rows: readonly Row[],
  limit: number,
  { item, key }: { item: (row: Row) => Item; key: (row: Row) => (string | number)[] },
) => {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { items: shown.map(item), next: last === undefined ? null : encodeCursor(key(last)) };
};

const isIdOf = (value: unknown): value is string => typeof value === 'string' && isId(value);
const isOneId = (key: unknown): key is [string] => Array.isArray(key) && key.length === 1 && isIdOf(key[0]);
const isIdAndId = (key: unknown): key is [string, string] =>
  Array.isArray(key) && key.length === 2 && key.every(isIdOf);
const isReactionKey = (key: unknown): key is [string, number, string] =>
  Array.isArray(key) &&
  key.length === 3 &&
  isIdOf(key[0]) &&
  Number.isSafeInteger(key[1]) &&
  typeof key[2] === 'string' &&
  isEmoji(key[2]);
