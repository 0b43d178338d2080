import type {
  AuditEntry,
  CreateConversation,
  UpdateConversation,
  UpdateMembership,
} from '@chatapp/contract/http-conversations';
import type { Conversation, Page, User } from '@chatapp/contract/shapes';
import type { Http } from './http.ts';
import { allItems, queryOf } from './pages.ts';

const root = '/api/conversations';
const limit = 100;

export type ConversationsApi = ReturnType<typeof createConversationsApi>;

/** Conversations and the directory of people, of the conversations service behind the BFF. */
export const createConversationsApi = ({ request }: Http) => {
  const one = (id: string) => `${root}/conversations/${id}`;
  const listed = async (archived: boolean) => {
    const page = (cursor?: string) =>
      request<Page<Conversation>>(
        'GET',
        `${root}/conversations${queryOf({ limit, cursor, archived: String(archived) })}`,
      );
    const items = await allItems(page);
    // The last active come first: one may have gone there while the pages behind were read.
    return items.length > limit ? [...items, ...(await page()).items] : items;
  };
  return {
    /** All of mine, archived ones too; of one that comes twice the last is the newest. */
    conversations: async () => (await Promise.all([listed(false), listed(true)])).flat(),
    create: (body: CreateConversation) => request<Conversation>('POST', `${root}/conversations`, { body }),
    /** The one with this person; the same pair always gets the same. */
    direct: (userId: string) => request<Conversation>('POST', `${root}/direct-conversations`, { body: { userId } }),
    update: (id: string, body: UpdateConversation) => request<Conversation>('PATCH', one(id), { body }),
    /** A PNG, JPEG or WebP of up to `limits.avatarBytesMax`. */
    setPicture: (id: string, file: Blob) => request<Conversation>('PUT', `${one(id)}/avatar`, { file }),
    /** What I alone see of it. */
    updateMine: (id: string, body: UpdateMembership) => request<Conversation>('PATCH', `${one(id)}/me`, { body }),
    remove: (id: string) => request<void>('DELETE', one(id)),
    restore: (id: string) => request<Conversation>('POST', `${one(id)}/restore`),
    leave: (id: string) => request<void>('POST', `${one(id)}/leave`),
    audit: (id: string, cursor?: string) => request<Page<AuditEntry>>('GET', `${one(id)}/audit${queryOf({ cursor })}`),
    usersLike: async (query: string) =>
      (await request<Page<User>>('GET', `${root}/users${queryOf({ query, limit: 20 })}`)).items,
    usersOf: async (ids: readonly string[]) =>
      (await request<Page<User>>('GET', `${root}/users${queryOf({ ids: ids.join(',') })}`)).items,
  };
};
