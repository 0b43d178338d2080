import type { Block, PersonalData, UpdateMe } from '@chatapp/contract/http-conversations';
import type { OwnMarker, OwnMessage, OwnReaction } from '@chatapp/contract/http-messages';
import { limits } from '@chatapp/contract/limits';
import type { Me, Page } from '@chatapp/contract/shapes';
import type { Http } from './http.ts';
import { allItems, queryOf } from './pages.ts';

const root = '/api/conversations/me';
const limit = 100;

interface OwnData {
  messages: OwnMessage[];
  reactions: OwnReaction[];
  readMarkers: OwnMarker[];
}

/** My profile, whom I blocked, and everything that is kept of me. */
export const createAccountApi = ({ request }: Http) => ({
  update: (body: UpdateMe) => request<Me>('PATCH', root, { body }),
  /** A PNG, JPEG or WebP of up to `limits.avatarBytesMax`. */
  setPicture: (file: Blob) => request<Me>('PUT', `${root}/avatar`, { file }),
  blocks: () => allItems((cursor) => request<Page<Block>>('GET', `${root}/blocks${queryOf({ limit, cursor })}`)),
  block: (userId: string) => request<Block>('PUT', `${root}/blocks/${userId}`),
  unblock: (userId: string) => request<void>('DELETE', `${root}/blocks/${userId}`),
  /** Of conversations and of messages together, however many these are; each in its order. */
  exportData: async (): Promise<PersonalData & OwnData> => {
    const data = await request<PersonalData>('GET', `${root}/export`);
    const every = <Item>(kind: string) =>
      allItems(
        (cursor) =>
          request<Page<Item>>('GET', `/api/messages/me/${kind}${queryOf({ limit: limits.exportPageMax, cursor })}`),
        Number.POSITIVE_INFINITY,
      );
    const messages = await every<OwnMessage>('messages');
    const [reactions, readMarkers] = [await every<OwnReaction>('reactions'), await every<OwnMarker>('read-markers')];
    return { ...data, messages: messages.sort(byPlace), reactions, readMarkers };
  },
  /** For good: profile, memberships and the texts of messages. */
  remove: () => request<void>('DELETE', root),
});

const byPlace = (left: OwnMessage, right: OwnMessage): number =>
  left.conversationId === right.conversationId
    ? left.seq - right.seq
    : left.conversationId.localeCompare(right.conversationId);
