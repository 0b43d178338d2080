import type { AcceptedInvitation, Ban } from '@chatapp/contract/http-conversations';
import type { Role } from '@chatapp/contract/roles';
import type { Conversation, JoinRequest, Member, Page } from '@chatapp/contract/shapes';
import type { Http } from './http.ts';
import { allItems, queryOf } from './pages.ts';

const root = '/api/conversations/conversations';
const limit = 100;

export type MembersApi = ReturnType<typeof createMembersApi>;

/** Members of a conversation, who is banned from it, and who asks to be let in. */
export const createMembersApi = ({ request }: Http) => {
  const all = <T>(path: string) =>
    allItems((cursor) => request<Page<T>>('GET', `${path}${queryOf({ limit, cursor })}`));
  const member = (id: string, userId: string) => `${root}/${id}/members/${userId}`;
  const ban = (id: string, userId: string) => `${root}/${id}/bans/${userId}`;
  const asking = (id: string) => `${root}/${id}/join-requests`;
  return {
    /** One page; who joined first comes first. */
    members: (id: string, cursor?: string) =>
      request<Page<Member>>('GET', `${root}/${id}/members${queryOf({ limit, cursor })}`),
    setRole: (id: string, userId: string, role: Role) =>
      request<Member>('PATCH', member(id, userId), { body: { role } }),
    removeMember: (id: string, userId: string) => request<void>('DELETE', member(id, userId)),
    transfer: (id: string, userId: string) =>
      request<Conversation>('POST', `${root}/${id}/owner`, { body: { userId } }),
    bans: (id: string) => all<Ban>(`${root}/${id}/bans`),
    ban: (id: string, userId: string) => request<Ban>('POST', ban(id, userId)),
    unban: (id: string, userId: string) => request<void>('DELETE', ban(id, userId)),
    joinRequests: (id: string) => all<JoinRequest>(asking(id)),
    askToJoin: (id: string) => request<JoinRequest>('POST', asking(id)),
    withdraw: (id: string) => request<void>('DELETE', asking(id)),
    letIn: (id: string, userId: string) => request<AcceptedInvitation>('POST', `${asking(id)}/${userId}/accept`),
    turnAway: (id: string, userId: string) => request<void>('POST', `${asking(id)}/${userId}/decline`),
  };
};
