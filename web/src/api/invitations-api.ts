import type { AcceptedInvitation, Invite } from '@chatapp/contract/http-conversations';
import type { Invitation, Page } from '@chatapp/contract/shapes';
import type { Http } from './http.ts';
import { allItems, queryOf } from './pages.ts';

const root = '/api/conversations';
const limit = 100;

export type InvitationsApi = ReturnType<typeof createInvitationsApi>;

/** Invitations: mine, those to a conversation, and those that a link or an e-mail names by its token. */
export const createInvitationsApi = ({ request }: Http) => {
  const all = (path: string, state?: string) =>
    allItems((cursor) => request<Page<Invitation>>('GET', `${root}${path}${queryOf({ limit, cursor, state })}`));
  const one = (id: string) => `${root}/invitations/${id}`;
  const byToken = (token: string) => `${root}/invitations/token/${token}`;
  return {
    invitations: () => all('/invitations'),
    /** Those to a conversation that nobody has answered. */
    pendingOf: (id: string) => all(`/conversations/${id}/invitations`, 'pending'),
    invite: (id: string, body: Invite) =>
      request<Invitation>('POST', `${root}/conversations/${id}/invitations`, { body }),
    accept: (id: string) => request<AcceptedInvitation>('POST', `${one(id)}/accept`),
    /** `block`: the inviter never reaches me again. */
    decline: (id: string, { block = false } = {}) =>
      request<void>('POST', `${one(id)}/decline`, block ? { body: { block } } : {}),
    revoke: (id: string) => request<void>('DELETE', one(id)),
    preview: (token: string) => request<Invitation>('GET', byToken(token)),
    acceptByToken: (token: string) => request<AcceptedInvitation>('POST', `${byToken(token)}/accept`),
  };
};
