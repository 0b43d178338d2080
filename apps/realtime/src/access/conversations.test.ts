import { describe, expect, it } from 'bun:test';
import { fakeClock } from '@chatapp/resilience/fake-clock';
import { ProblemError } from '@chatapp/service/problem';
import type { ServiceClient } from '@chatapp/service/service-client';
import { createConversations } from './conversations.ts';

const [ann, bob, eve] = ['ann', 'bob', 'eve'] as const;

/** The client of a service that knows of two members of one conversation, and notes what it is asked. */
const setUp = ({ leavesOut }: { readonly leavesOut?: string } = {}) => {
  const clock = fakeClock();
  const asked: string[] = [];
  const roles = new Map<string, string>([
    [ann, 'owner'],
    [bob, 'member'],
  ]);
  const accessOf = (userId: string) => {
    const role = roles.get(userId);
    return role === undefined ? undefined : { role, version: 3, memberCount: 2, receipts: true };
  };
  const client = async ({ path, body }: Parameters<ServiceClient>[0]): Promise<unknown> => {
    asked.push(path);
    const single = /userId=(\w+)/.exec(path)?.[1];
    if (single !== undefined) {
      const access = accessOf(single);
      if (access === undefined) throw new ProblemError('not-found');
      return access;
    }
    const { userIds } = body as { userIds: readonly string[] };
    const items = userIds.map((userId) => {
      const access = accessOf(userId);
      return { userId, items: access === undefined ? [] : [{ id: 'c', ...access }] };
    });
    return { items: items.filter(({ userId }) => userId !== leavesOut) };
  };
  return { clock, asked, conversations: createConversations(client as ServiceClient, clock) };
};

describe('access', () => {
  it('asks for one person alone, and hides nothing behind the absence of a stranger', async () => {
    const { clock, asked, conversations } = setUp();
    const answer = conversations.access('c', ann);
    await clock.advance(0);
    expect(await answer).toEqual({ role: 'owner', version: 3, memberCount: 2, receipts: true });
    await clock.advance(1000);
    const none = conversations.access('c', eve);
    await clock.advance(0);
    expect(await none).toBeNull();
    expect(asked).toHaveLength(2);
    expect(asked[0]).toBe('/internal/conversations/c/access?userId=ann');
  });

  it('asks once for many at the same moment, and answers each as if they had asked alone', async () => {
    const { clock, asked, conversations } = setUp();
    const answers = Promise.all([
      conversations.access('c', ann),
      conversations.access('c', bob),
      conversations.access('c', eve),
      conversations.access('other', ann),
    ]);
    await clock.advance(0);
    expect(await answers).toEqual([
      { role: 'owner', version: 3, memberCount: 2, receipts: true },
      { role: 'member', version: 3, memberCount: 2, receipts: true },
      null,
      null,
    ]);
    expect(asked).toEqual(['/internal/memberships']);
  });

  it('takes an answer that leaves somebody out for no answer, not for no access', async () => {
    const { clock, conversations } = setUp({ leavesOut: bob });
    const answers = Promise.allSettled([conversations.access('c', ann), conversations.access('c', bob)]);
    await clock.advance(0);
    expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
