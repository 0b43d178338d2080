import { Access, Memberships } from '@chatapp/contract/http-conversations';
import { ProblemError } from '@chatapp/service/problem';
import type { ServiceClient } from '@chatapp/service/service-client';

/** What conversations answers about who may see what. */
export interface ConversationsClient {
  access(conversationId: string, userId: string): Promise<Access | undefined>;
  memberships(userId: string): Promise<Memberships>;
}

/**
 * The BFF gives a read 2 s at one of our instances. Who is asked about access is given up before that, so that what is answered says that access is not
 * known, and when to try again: silence would count against this service, and its circuit would be everybody's. Long enough to ask two instances.
 */
const limits = { deadlineMs: 1700, attemptTimeoutMs: 800 };

/** Rejects with `unavailable` where conversations cannot be asked: access that is not known is not granted. */
export const createConversationsClient = (call: ServiceClient): ConversationsClient => ({
  async access(conversationId, userId) {
    try {
      return await call({
        method: 'GET',
        path: `/internal/conversations/${conversationId}/access?userId=${userId}`,
        scope: 'conversations:access.read',
        answer: Access,
        ...limits,
      });
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'not-found') return undefined;
      throw unavailable(error);
    }
  },
  async memberships(userId) {
    try {
      return await call({
        method: 'GET',
        path: `/internal/users/${userId}/conversations`,
        scope: 'conversations:access.read',
        answer: Memberships,
        ...limits,
      });
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'not-found') return { items: [] };
      throw unavailable(error);
    }
  },
});

const unavailable = (cause: unknown): ProblemError =>
  new ProblemError('unavailable', {
    detail: 'Your access cannot be looked up now. Try again.',
    retryAfterMs: 1000,
    cause,
  });
