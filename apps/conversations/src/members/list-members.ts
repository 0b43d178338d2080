import { PageQuery } from '@chatapp/contract/http-conversations';
import { Member, Page } from '@chatapp/contract/shapes';
import { person } from '@chatapp/service/authenticate';
import { Elysia } from 'elysia';
import { readSeat } from '../conversations/conversation-store.ts';
import type { Uses } from '../deps.ts';
import { pageOf, pageRequest } from '../page.ts';
import { ById, docs } from '../route-docs.ts';
import { toMember } from './member.ts';
import { listMemberViews } from './member-store.ts';

/** `GET /conversations/:id/members` */
export const listMembers = ({ auth, read }: Uses<'auth' | 'read'>) =>
  new Elysia().use(person(auth)).get(
    '/conversations/:id/members',
    async ({ person, params, query }) => {
      const request = { ...pageRequest(query), conversationId: params.id };
      const views = await read(async (db) => {
        await readSeat(db, params.id, person.id);
        return await listMemberViews(db, request);
      });
      return pageOf(views, request, {
        item: toMember,
        key: (view) => [view.joinedAt.toISOString(), view.user.id],
      });
    },
    {
      params: ById,
      query: PageQuery,
      response: { 200: Page(Member) },
      detail: docs('members', 'Lists the members, who joined first before the others.'),
    },
  );
