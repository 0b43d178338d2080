import {
  ChangesAnswer,
  ChangesPage,
  ChangesRequest,
  Heads,
  HeadsRequest,
  MessagePage,
} from '@chatapp/contract/http-messages';
import { Id, Position, PositionOrZero } from '@chatapp/contract/ids';
import { limits } from '@chatapp/contract/limits';
import { type Authentication, machine, person } from '@chatapp/service/authenticate';
import { ProblemError } from '@chatapp/service/problem';
import { Elysia, t } from 'elysia';
import type { Sql } from 'postgres';
import type { AccessCache } from '../access/access.ts';
import { requireAccess } from '../access/require-access.ts';
import { readDatabase } from '../database.ts';
import { nextOf, windowOf } from './page.ts';
import { readChanges, readHeads, readPage } from './timeline-store.ts';

const tags = ['timeline'];
const security = [{ bearer: [] }];

export interface TimelineRoutesOptions {
  readonly auth: Authentication;
  readonly access: AccessCache;
  readonly sql: Sql;
}

/** History by `seq` and changes by `rev`, for the members of a conversation. */
export const timelineRoutes = ({ auth, access, sql }: TimelineRoutesOptions) =>
  new Elysia({ prefix: '/conversations/:id' })
    .use(person(auth))
    .get(
      '/messages',
      async ({ person, params: { id }, query }) => {
        await requireAccess(access, id, person.id);
        const window = windowOf(query);
        if (!window) throw new ProblemError('invalid', { detail: 'Give one of before, after and around.' });
        const page = await readDatabase(() => readPage(sql, id, window, query.limit ?? limits.pageSizeDefault));
        return { ...page, next: nextOf(window, page) };
      },
      {
        params: t.Object({ id: Id }),
        query: t.Object({
          before: t.Optional(Position),
          after: t.Optional(PositionOrZero),
          around: t.Optional(Position),
          limit: t.Optional(t.Integer({ minimum: 1, maximum: limits.pageSizeMax })),
        }),
        response: { 200: MessagePage },
        detail: {
          tags,
          security,
          summary: 'A page of the history in seq order: the newest, before, after or around a seq.',
          description:
            '`next` is the `after` of the next page where `after` was given, else the `before` of the page above.',
        },
      },
    )
    .get(
      '/changes',
      async ({ person, params: { id }, query: { after, limit } }) => {
        await requireAccess(access, id, person.id);
        const [page] = await readDatabase(() => readChanges(sql, [{ id, after }], limit));
        const { changes = [], to = 0, headRev = 0 } = page ?? {};
        return { changes, after, to, headRev };
      },
      {
        params: t.Object({ id: Id }),
        query: t.Object({
          after: PositionOrZero,
          limit: t.Optional(t.Integer({ minimum: 1, maximum: limits.changesPageMax })),
        }),
        response: { 200: ChangesPage },
        detail: { tags, security, summary: 'The present state of each message that changed after a rev.' },
      },
    );

export interface InternalTimelineRoutesOptions extends Omit<TimelineRoutesOptions, 'access'> {
  readonly shards: number;
}

/** Positions and changes of many conversations, for realtime. */
export const internalTimelineRoutes = ({ auth, sql, shards }: InternalTimelineRoutesOptions) =>
  new Elysia({ prefix: '/internal' })
    .use(
      new Elysia()
        .use(machine(auth, 'messages:heads.read'))
        .post('/heads', async ({ body }) => ({ items: await readDatabase(() => readHeads(sql, body.ids)), shards }), {
          body: HeadsRequest,
          response: { 200: Heads },
          detail: { tags: ['internal'], security, summary: 'The last seq and rev of conversations.' },
        }),
    )
    .use(
      new Elysia().use(machine(auth, 'messages:changes.read')).post(
        '/changes',
        async ({ body }) => {
          const wanted = body.conversations.map(([id, after]) => ({ id, after }));
          return { items: await readDatabase(() => readChanges(sql, wanted)) };
        },
        {
          body: ChangesRequest,
          response: { 200: ChangesAnswer },
          detail: {
            tags: ['internal'],
            security,
            summary: 'Changes of conversations after a rev each; a page ends at its `to`, which may be where it began.',
          },
        },
      ),
    );
