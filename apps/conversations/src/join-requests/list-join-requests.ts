import { PageQuery } from '@chatapp/contract/http-conversations';
import { may } from '@chatapp/contract/roles';
import { JoinRequest, Page } from '@chatapp/contract/shapes';
import { person } from '@chatapp/service/authenticate';
import { ProblemError } from '@chatapp/service/problem';
import { Elysia } from 'elysia';
import { readSeat } from '../conversations/conversation-store.ts';
import type { Uses } from '../deps.ts';
import { pageOf, pageRequest } from '../page.ts';
import { ById, docs } from '../route-docs.ts';
import { toJoinRequest } from './ask-to-join.ts';
import { listJoinRequestViews } from './join-request-store.ts';

/** `GET /conversations/:id/join-requests`, for who may answer them. */
export const listJoinRequests = ({ auth, read }: Uses<'auth' | 'read'>) =>
  new Elysia().use(person(auth)).get(
    '/conversations/:id/join-requests',
    async ({ person, params, query }) => {
      const request = { ...pageRequest(query), conversationId: params.id };
      const views = await read(async (db) => {
        const { member } = await readSeat(db, params.id, person.id);
        if (!may(member.role, 'accept-join-request')) throw new ProblemError('forbidden');
        return await listJoinRequestViews(db, request);
      });
      return pageOf(views, request, {
        item: toJoinRequest,
        key: (view) => [view.createdAt.toISOString(), view.user.id],
      });
    },
    {
      params: ById,
      query: PageQuery,
      response: { 200: Page(JoinRequest) },
      detail: docs('members', 'Lists who asks to be let in, who asked first before the others.'),
    },
  );
