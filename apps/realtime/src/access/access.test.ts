import { describe, expect, it } from 'bun:test';
import type { Access } from '@chatapp/contract/http-conversations';
import { fakeClock } from '@chatapp/resilience/fake-clock';
import { createAccess } from './access.ts';

const member = (version: number): Access => ({ role: 'member', version });

const setUp = (answers: (Access | null)[]) => {
  const clock = fakeClock(1000);
  const asked: string[] = [];
  const state = { isReading: true };
  const access = createAccess({
    ask: async (conversationId, userId) => {
      asked.push(`${conversationId} ${userId}`);
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      return answer ?? null;
    },
    isReading: () => state.isReading,
    clock,
    cacheMs: 60_000,
  });
  return { access, asked, clock, state };
};

describe('createAccess', () => {
  it('asks once for many callers at once, and believes the answer for a minute', async () => {
    const { access, asked, clock } = setUp([member(1)]);
    await Promise.all([access.of('c', 'ann'), access.of('c', 'ann'), access.of('c', 'ann')]);
    await clock.advance(59_999);
    expect(access.cached('c', 'ann')).toEqual(member(1));
    expect(asked).toHaveLength(1);
    await clock.advance(1);
    expect(access.cached('c', 'ann')).toBeUndefined();
  });

  it('believes an absence for three seconds only', async () => {
    const { access, clock } = setUp([null]);
    expect(await access.of('c', 'eve')).toBeNull();
    expect(access.cached('c', 'eve')).toBeNull();
    await clock.advance(3000);
    expect(access.cached('c', 'eve')).toBeUndefined();
  });

  it('caches nothing while events are not being read', async () => {
    const { access, asked, state } = setUp([member(1)]);
    await access.of('c', 'ann');
    state.isReading = false;
    expect(access.cached('c', 'ann')).toBeUndefined();
    await access.of('c', 'ann');
    expect(asked).toHaveLength(2);
    state.isReading = true;
  });

  it('asks again where the answer is older than an event that it read', async () => {
    const { access, asked, clock } = setUp([member(4), member(5)]);
    access.floor('c', 5);
    const answer = access.of('c', 'ann');
    await clock.advance(25);
    expect(await answer).toEqual(member(5));
    expect(asked).toHaveLength(2);
  });

  it('asks again where an event came while it asked', async () => {
    const { access, clock } = setUp([member(1), null]);
    const answer = access.of('c', 'ann');
    access.floor('c', 2);
    await clock.advance(25);
    expect(await answer).toBeNull();
  });

  it('fails closed where only older answers come', async () => {
    const { access, clock } = setUp([member(1)]);
    access.floor('c', 9);
    const answer = access.of('c', 'ann').catch((error) => error.code);
    await clock.advance(1000);
    expect(await answer).toBe('unavailable');
    expect(access.cached('c', 'ann')).toBeUndefined();
  });

  it('forgets all of a conversation, and nothing of another', async () => {
    const { access } = setUp([member(1)]);
    await Promise.all([access.of('c', 'ann'), access.of('c', 'bob'), access.of('d', 'ann')]);
    access.forgetAll('c');
    expect([access.cached('c', 'ann'), access.cached('c', 'bob')]).toEqual([undefined, undefined]);
    expect(access.cached('d', 'ann')).toEqual(member(1));
  });

  it('forgets one person of a conversation, and nobody else', async () => {
    const { access } = setUp([member(1)]);
    await Promise.all([access.of('c', 'ann'), access.of('c', 'bob')]);
    for (const userId of ['ann', 'ann', 'eve']) access.forget('c', userId);
    expect(access.cached('c', 'ann')).toBeUndefined();
    expect(access.cached('c', 'bob')).toEqual(member(1));
  });

  it('keeps 100 000 answers, then forgets the conversation that was longest left alone', () => {
    const { access } = setUp([null]);
    for (const userId of ['ann', 'bob']) access.learn('old', userId, member(1));
    for (let count = 0; count < 99_998; count++) access.learn('c', String(count), member(1));
    // What was forgotten or is known already takes no room.
    access.forget('c', '0');
    for (let count = 0; count < 10; count++) access.learn('new', 'ann', member(1));
    expect(access.cached('old', 'ann')).toEqual(member(1));
    access.learn('new', 'bob', member(1));
    expect([access.cached('old', 'ann'), access.cached('old', 'bob')]).toEqual([undefined, undefined]);
    for (const userId of ['1', '99997']) expect(access.cached('c', userId)).toEqual(member(1));
    expect(access.cached('new', 'bob')).toEqual(member(1));
  });

  it('does not learn what is older than an event', () => {
    const { access } = setUp([null]);
    access.floor('c', 3);
    access.learn('c', 'ann', member(2));
    expect(access.cached('c', 'ann')).toBeUndefined();
    access.learn('c', 'ann', member(3));
    expect(access.cached('c', 'ann')).toEqual(member(3));
  });
});
