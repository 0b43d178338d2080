import { Access, Memberships } from '@chatapp/contract/http-conversations';
import { ProblemError } from '@chatapp/service/problem';
import type { ServiceClient } from '@chatapp/service/service-client';

export interface Conversations {
  /** Null: none. */
  access(conversationId: string, userId: string): Promise<Access | null>;
  memberships(userId: string): Promise<Memberships['items']>;
}

/** What the conversations service is asked. A command waits for access at most this long, then fails closed. */
const accessDeadlineMs = 3000;
const membershipsDeadlineMs = 5000;

export const createConversations = (client: ServiceClient): Conversations => ({
  async access(conversationId, userId) {
    try {
      return await client({
        method: 'GET',
        path: `/internal/conversations/${conversationId}/access?userId=${userId}`,
        scope: 'conversations:access.read',
        answer: Access,
        deadlineMs: accessDeadlineMs,
      });
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'not-found') return null;
      throw error;
    }
  },
  async memberships(userId) {
    const { items } = await client({
      method: 'GET',
      path: `/internal/users/${userId}/conversations`,
      scope: 'conversations:access.read',
      answer: Memberships,
      deadlineMs: membershipsDeadlineMs,
    });
    return items;
  },
});
