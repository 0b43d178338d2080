import { describe, expect, it } from 'bun:test';
import type { UnreadRow } from '@chatapp/contract/shapes';
import { fakeClock } from '../../test/fake-clock.ts';
import { ann, harbour, messageOf } from '../../test/people.ts';
import { createUnread } from './unread-store.ts';

const row = (more: Partial<UnreadRow>): UnreadRow => ({
  conversationId: harbour,
  headSeq: 0,
  lastReadSeq: 0,
  unread: 0,
  mentions: 0,
  markedUnread: false,
  ...more,
});

/** Each question waits until the test answers it. */
const start = () => {
  const { clock, settle } = fakeClock();
  const asked: { answer: (rows: UnreadRow[]) => void; fail: (error: Error) => void }[] = [];
  const api = {
    unread: () => {
      const { promise, resolve, reject } = Promise.withResolvers<UnreadRow[]>();
      asked.push({ answer: resolve, fail: reject });
      return promise;
    },
    markUnread: async () => undefined,
  };
  const store = createUnread({ api, me: ann, clock, newId: () => 'id' });
  const load = () => void store.load().catch(() => undefined);
  const answer = async (which: number, rows: UnreadRow[]) => {
    asked[which]?.answer(rows);
    await settle();
  };
  const fail = async (which: number) => {
    asked[which]?.fail(new Error('offline'));
    await settle();
  };
  return { store, load, answer, fail, unread: () => store.of(harbour).unread };
};

describe('unread counts of two questions at a time', () => {
  it('are those of the later one, whichever is answered first', async () => {
    const { store, load, answer, unread } = start();
    load();
    load();
    store.count([messageOf(3)]);
    await answer(1, [row({ headSeq: 2, unread: 2 })]);
    await answer(0, [row({ headSeq: 1, unread: 1 })]);
    expect(unread()).toBe(3);
  });

  it('count what came after both on top of the earlier answer, also when the later one fails', async () => {
    const { store, load, answer, fail, unread } = start();
    load();
    load();
    store.count([messageOf(3)]);
    await fail(1);
    await answer(0, [row({ headSeq: 2, unread: 2 })]);
    expect(unread()).toBe(3);
  });
});
