import { InvitationsQuery, PageQuery } from '@chatapp/contract/http-conversations';
import type { Id } from '@chatapp/contract/ids';
import { may } from '@chatapp/contract/roles';
import { Invitation, Page } from '@chatapp/contract/shapes';
import { person } from '@chatapp/service/authenticate';
import { Elysia } from 'elysia';
import { readSeat } from '../conversations/conversation-store.ts';
import type { Uses } from '../deps.ts';
import { pageOf, pageRequest } from '../page.ts';
import { ById, docs } from '../route-docs.ts';
import { type InvitationView, toInvitation } from './invitation.ts';
import { listInvitationsTo, listPendingOf } from './invitation-view-store.ts';

/** `GET /invitations` (to me, pending) and `GET /conversations/:id/invitations` (to it: all for who may revoke them, else my own). */
export const listInvitations = ({ auth, read, now }: Uses<'auth' | 'read' | 'now'>) =>
  new Elysia()
    .use(person(auth))
    .get(
      '/invitations',
      async ({ person, query }) => {
        const request = { ...pageRequest(query), inviteeId: person.id, now: now() };
        return page(await read((db) => listPendingOf(db, request)), { ...request, viewer: person.id });
      },
      {
        query: PageQuery,
        response: { 200: Page(Invitation) },
        detail: docs('invitations', 'Lists the invitations to me that are pending, the newest first.'),
      },
    )
    .get(
      '/conversations/:id/invitations',
      async ({ person, params, query }) => {
        const request = { ...pageRequest(query), conversationId: params.id, state: query.state, now: now() };
        const views = await read(async (db) => {
          const { member } = await readSeat(db, params.id, person.id);
          const inviterId = may(member.role, 'revoke-invitation') ? undefined : person.id;
          return await listInvitationsTo(db, { ...request, inviterId });
        });
        return page(views, { ...request, viewer: person.id });
      },
      {
        params: ById,
        query: InvitationsQuery,
        response: { 200: Page(Invitation) },
        detail: docs('invitations', 'Lists the invitations to a conversation, the newest first.'),
      },
    );

const page = (views: readonly InvitationView[], request: { limit: number; now: Date; viewer: Id }) =>
  pageOf(views, request, {
    item: (view) => toInvitation(view, request),
    key: ({ invitation }) => [invitation.createdAt.toISOString(), invitation.id],
  });
