import { Ban, PageQuery } from '@chatapp/contract/http-conversations';
import { may } from '@chatapp/contract/roles';
import { Page } from '@chatapp/contract/shapes';
import { person } from '@chatapp/service/authenticate';
import { ProblemError } from '@chatapp/service/problem';
import { Elysia } from 'elysia';
import { readSeat } from '../conversations/conversation-store.ts';
import type { Uses } from '../deps.ts';
import { pageOf, pageRequest } from '../page.ts';
import { ById, docs } from '../route-docs.ts';
import { toBan } from './ban-member.ts';
import { listBanViews } from './ban-store.ts';

/** `GET /conversations/:id/bans`, for who may end them. */
export const listBans = ({ auth, read }: Uses<'auth' | 'read'>) =>
  new Elysia().use(person(auth)).get(
    '/conversations/:id/bans',
    async ({ person, params, query }) => {
      const request = { ...pageRequest(query), conversationId: params.id };
      const views = await read(async (db) => {
        const { member } = await readSeat(db, params.id, person.id);
        if (!may(member.role, 'remove-member')) throw new ProblemError('forbidden');
        return await listBanViews(db, request);
      });
      return pageOf(views, request, { item: toBan, key: (view) => [view.createdAt.toISOString(), view.user.id] });
    },
    {
      params: ById,
      query: PageQuery,
      response: { 200: Page(Ban) },
      detail: docs('members', 'Lists who is banned, the latest first.'),
    },
  );
