import type { AcceptedInvitation, CreateConversation, InvitePerson } from '@chatapp/contract/http-conversations';
import type { Conversation, Invitation, Member, Page, User } from '@chatapp/contract/shapes';
import type { Http } from './http.ts';
import { allItems, queryOf } from './pages.ts';

const root = '/api/conversations';
const limit = 100;

export type ConversationsApi = ReturnType<typeof createConversationsApi>;

/** The conversations service behind the BFF. */
export const createConversationsApi = ({ request }: Http) => {
  const all = <T>(path: string) =>
    allItems((cursor) => request<Page<T>>('GET', `${root}${path}${queryOf({ limit, cursor })}`));
  const invitation = (id: string) => `${root}/invitations/${id}`;
  return {
    conversations: () => all<Conversation>('/conversations'),
    conversation: (id: string) => request<Conversation>('GET', `${root}/conversations/${id}`),
    create: (body: CreateConversation) => request<Conversation>('POST', `${root}/conversations`, { body }),
    leave: (id: string) => request<void>('POST', `${root}/conversations/${id}/leave`),
    members: (id: string) => all<Member>(`/conversations/${id}/members`),
    invitations: () => all<Invitation>('/invitations'),
    invite: (id: string, body: InvitePerson) =>
      request<Invitation>('POST', `${root}/conversations/${id}/invitations`, { body }),
    accept: (id: string) => request<AcceptedInvitation>('POST', `${invitation(id)}/accept`),
    decline: (id: string) => request<void>('POST', `${invitation(id)}/decline`),
    usersLike: async (query: string) =>
      (await request<Page<User>>('GET', `${root}/users${queryOf({ query, limit: 20 })}`)).items,
    usersOf: async (ids: readonly string[]) =>
      (await request<Page<User>>('GET', `${root}/users${queryOf({ ids: ids.join(',') })}`)).items,
  };
};
