import { Access, type Memberships, MembershipsOfMany } from '@chatapp/contract/http-conversations';
import { limits } from '@chatapp/contract/limits';
import { ProblemError } from '@chatapp/service/problem';
import type { ServiceClient } from '@chatapp/service/service-client';
import { chunks } from '../chunks.ts';

export interface Conversations {
  /** Null: none. */
  access(conversationId: string, userId: string): Promise<Access | null>;
  /** Of many people at once; everybody who is asked about is in the answer. */
  memberships(userIds: readonly string[]): Promise<ReadonlyMap<string, Memberships['items']>>;
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
  async memberships(userIds) {
    const parts = await Promise.all(
      chunks(userIds, limits.idsPerRequestMax).map((some) =>
        client({
          method: 'POST',
          path: '/internal/memberships',
          scope: 'conversations:access.read',
          body: { userIds: some },
          answer: MembershipsOfMany,
          idempotent: true,
          deadlineMs: membershipsDeadlineMs,
        }),
      ),
    );
    return new Map(parts.flatMap(({ items }) => items.map((one) => [one.userId, one.items] as const)));
  },
});
