import type { Changed, ChangesPage, MessagePage, Receipts, Sent } from '@chatapp/contract/http-messages';
import type { Page, UnreadRow } from '@chatapp/contract/shapes';
import type { Http } from './http.ts';
import { allItems, queryOf } from './pages.ts';

const root = '/api/messages';

export type MessagesApi = ReturnType<typeof createMessagesApi>;

/** The messages service behind the BFF. Commands carry their `clientId`, so a repeat changes nothing. */
export const createMessagesApi = ({ request }: Http) => {
  const messages = (c: string) => `${root}/conversations/${c}/messages`;
  return {
    page: (c: string, query: { before?: number; after?: number; around?: number; limit?: number }) =>
      request<MessagePage>('GET', `${messages(c)}${queryOf(query)}`),
    changes: (c: string, after: number, limit: number) =>
      request<ChangesPage>('GET', `${root}/conversations/${c}/changes${queryOf({ after, limit })}`),
    unread: () =>
      allItems((cursor) => request<Page<UnreadRow>>('GET', `${root}/unread${queryOf({ cursor, limit: 100 })}`)),
    /** How far each member has read; empty where the conversation does not show it. */
    receipts: async (c: string) => (await request<Receipts>('GET', `${root}/conversations/${c}/receipts`)).items,
    read: (c: string, seq: number, idempotencyKey: string) =>
      request<unknown>('PUT', `${root}/conversations/${c}/read`, { body: { seq }, idempotencyKey }),
    markUnread: (c: string, markedUnread: boolean, idempotencyKey: string) =>
      request<unknown>('PUT', `${root}/conversations/${c}/read`, { body: { markedUnread }, idempotencyKey }),
    send: (c: string, body: { clientId: string; body: string; replyTo?: number | null }) =>
      request<Sent>('POST', messages(c), { body }),
    edit: (c: string, seq: number, body: string, idempotencyKey: string) =>
      request<Changed>('PATCH', `${messages(c)}/${seq}`, { body: { body }, idempotencyKey }),
    remove: (c: string, seq: number, idempotencyKey: string) =>
      request<Changed | undefined>('DELETE', `${messages(c)}/${seq}`, { idempotencyKey }),
    react: (c: string, seq: number, { emoji, on }: { emoji: string; on: boolean }, idempotencyKey: string) =>
      request<Changed | undefined>(
        on ? 'PUT' : 'DELETE',
        `${messages(c)}/${seq}/reactions/${encodeURIComponent(emoji)}`,
        { idempotencyKey },
      ),
  };
};
