import { ConversationsQuery } from '@chatapp/contract/http-conversations';
import { Conversation, Page } from '@chatapp/contract/shapes';
import { person } from '@chatapp/service/authenticate';
import { Elysia } from 'elysia';
import type { Uses } from '../deps.ts';
import { pageOf, pageRequest } from '../page.ts';
import { ById, docs } from '../route-docs.ts';
import { conversationSeenBy } from './conversation.ts';
import { listSeats, readSeat } from './conversation-store.ts';

/** `GET /conversations` and `GET /conversations/:id`: mine, as I see them. */
export const listConversations = ({ auth, read }: Uses<'auth' | 'read'>) =>
  new Elysia()
    .use(person(auth))
    .get(
      '/conversations',
      async ({ person, query }) => {
        const request = { ...pageRequest(query), userId: person.id, archived: query.archived ?? false };
        const seats = await read((db) => listSeats(db, request));
        return pageOf(seats, request, {
          item: (seat) => conversationSeenBy(seat.member, seat.conversation, seat.peer),
          key: ({ conversation }) => [conversation.lastActivityAt.toISOString(), conversation.id],
        });
      },
      {
        query: ConversationsQuery,
        response: { 200: Page(Conversation) },
        detail: docs('conversations', 'Lists my conversations, the one with the latest activity first.'),
      },
    )
    .get(
      '/conversations/:id',
      async ({ person, params }) => {
        const seat = await read((db) => readSeat(db, params.id, person.id));
        return conversationSeenBy(seat.member, seat.conversation, seat.peer);
      },
      {
        params: ById,
        response: { 200: Conversation },
        detail: docs('conversations', 'Reads one of my conversations.'),
      },
    );
