import { Access, type Memberships, MembershipsOfMany } from '@chatapp/contract/http-conversations';
import { limits } from '@chatapp/contract/limits';
import type { Clock } from '@chatapp/resilience/clock';
import { chunks } from '@chatapp/service/chunks';
import { ProblemError } from '@chatapp/service/problem';
import type { ServiceClient } from '@chatapp/service/service-client';
import { createGather } from '../gather.ts';

export interface Conversations {
  /** Null: none. What many ask at the same moment is one question. */
  access(conversationId: string, userId: string): Promise<Access | null>;
  /** Of many people at once; everybody who is asked about is in the answer. */
  memberships(userIds: readonly string[]): Promise<ReadonlyMap<string, Memberships['items']>>;
}

/** What the conversations service is asked. A command waits for access at most this long, then fails closed. */
const accessDeadlineMs = 3000;
const membershipsDeadlineMs = 5000;

export const createConversations = (client: ServiceClient, clock: Clock): Conversations => {
  const membershipsOf = async (userIds: readonly string[], deadlineMs: number) => {
    const parts = await Promise.all(
      chunks(userIds, limits.idsPerRequestMax).map((some) =>
        client({
          method: 'POST',
          path: '/internal/memberships',
          scope: 'conversations:access.read',
          body: { userIds: some },
          answer: MembershipsOfMany,
          idempotent: true,
          deadlineMs,
        }),
      ),
    );
    return new Map(parts.flatMap(({ items }) => items.map((one) => [one.userId, one.items] as const)));
  };

  const accessOf = async ({ conversationId, userId }: AccessAsk): Promise<Access | null> => {
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
  };

  /** Everybody who came at the same moment has what is known of them run out at the same moment too, when they write. */
  const gather = createGather({
    keyOf,
    async fetch(asks: readonly AccessAsk[]): Promise<ReadonlyMap<string, Access | null>> {
      const [only] = asks;
      if (only !== undefined && asks.length === 1) return new Map([[keyOf(only), await accessOf(only)]]);
      const memberships = await membershipsOf([...new Set(asks.map(({ userId }) => userId))], accessDeadlineMs);
      return new Map(asks.map((ask) => [keyOf(ask), accessAmong(memberships.get(ask.userId), ask.conversationId)]));
    },
    clock,
  });

  return {
    async access(conversationId, userId) {
      const ask = { conversationId, userId };
      return (await gather([ask])).get(keyOf(ask)) ?? null;
    },
    memberships: (userIds) => membershipsOf(userIds, membershipsDeadlineMs),
  };
};

interface AccessAsk {
  readonly conversationId: string;
  readonly userId: string;
}

const keyOf = ({ conversationId, userId }: AccessAsk): string => `${conversationId} ${userId}`;

/** Throws where the answer leaves the person out: that is not to know, and not to have no access. */
const accessAmong = (items: Memberships['items'] | undefined, conversationId: string): Access | null => {
  if (items === undefined) throw new ProblemError('upstream-unreachable');
  const found = items.find(({ id }) => id === conversationId);
  if (found === undefined) return null;
  const { id: _, ...access } = found;
  return access;
};
