import type { Block, PersonalData, UpdateMe } from '@chatapp/contract/http-conversations';
import type { Me, Page } from '@chatapp/contract/shapes';
import type { Http } from './http.ts';
import { allItems, queryOf } from './pages.ts';

const root = '/api/conversations/me';
const limit = 100;

/** My profile, whom I blocked, and everything that is kept of me. */
export const createAccountApi = ({ request }: Http) => ({
  me: () => request<Me>('GET', root),
  update: (body: UpdateMe) => request<Me>('PATCH', root, { body }),
  /** A PNG, JPEG or WebP of up to `limits.avatarBytesMax`. */
  setPicture: (file: Blob) => request<Me>('PUT', `${root}/avatar`, { file }),
  blocks: () => allItems((cursor) => request<Page<Block>>('GET', `${root}/blocks${queryOf({ limit, cursor })}`)),
  block: (userId: string) => request<Block>('PUT', `${root}/blocks/${userId}`),
  unblock: (userId: string) => request<void>('DELETE', `${root}/blocks/${userId}`),
  exportData: () => request<PersonalData>('GET', `${root}/export`),
  /** For good: profile, memberships and the texts of messages. */
  remove: () => request<void>('DELETE', root),
});
