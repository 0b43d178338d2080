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
  const { clock, advance, settle } = fakeClock();
  const asked: { answer: (rows: UnreadRow[]) => void; fail: (error: Error) => void }[] = [];
  const api = {
    unread: () => {
      const { promise, resolve, reject } = Promise.withResolvers<UnreadRow[]>();
      asked.push({ answer: resolve, fail: reject });
      return promise;
    },
    markUnread: async () => undefined,
  };
  const store = createUnread({ api, me: ann, clock, random: () => 0.5, newId: () => 'id' });
  const load = () => void store.load().catch(() => undefined);
  const answer = async (which: number, rows: UnreadRow[]) => {
    asked[which]?.answer(rows);
    await settle();
  };
  const fail = async (which: number) => {
    asked[which]?.fail(new Error('offline'));
    await settle();
  };
  return { store, load, answer, fail, advance, asked, unread: () => store.of(harbour).unread };
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

describe('a read marker that moves while a question is on its way', () => {
  it('stays where the answer does not know it, and the rest is asked for until it does', async () => {
    const { store, load, answer, advance, asked } = start();
    load();
    await answer(0, [row({ headSeq: 100, lastReadSeq: 60, unread: 40 })]);
    load();
    store.read(harbour, 100);
    const older = row({ headSeq: 101, lastReadSeq: 60, unread: 41 });
    await answer(1, [older]);
    expect(store.of(harbour)).toMatchObject({ lastReadSeq: 100, unread: 1 });
    await advance(2000);
    await answer(2, [older]);
    await advance(4000);
    expect(asked).toHaveLength(4);
    await answer(3, [row({ headSeq: 101, lastReadSeq: 100, unread: 1 })]);
    await advance(60_000);
    expect(asked).toHaveLength(4);
  });

  it.each([true, false])('sets the flag to %p on top of the answer', async (markedUnread) => {
    const { store, load, answer } = start();
    load();
    store.read(harbour, 5, markedUnread);
    await answer(0, [row({ headSeq: 5, lastReadSeq: 5, markedUnread: !markedUnread })]);
    expect(store.of(harbour).markedUnread).toBe(markedUnread);
  });

  it('keeps the flag that was set here', async () => {
    const { store, load, answer } = start();
    load();
    await store.mark(harbour);
    await answer(0, [row({ headSeq: 5, lastReadSeq: 5 })]);
    expect(store.of(harbour).markedUnread).toBe(true);
  });
});

describe('unread counts that only the server knows', () => {
  const deleted = messageOf(2, { rev: 9, deletedAt: '2026-11-22T10:00:00.000Z' });
  const startWithOneDeleted = async () => {
    const parts = start();
    parts.load();
    await parts.answer(0, [row({ headSeq: 3, unread: 3 })]);
    parts.store.count([deleted]);
    await parts.advance(400);
    await parts.fail(1);
    return parts;
  };

  it('are asked for again until they are answered', async () => {
    const { answer, fail, advance, asked, unread } = await startWithOneDeleted();
    await advance(1000);
    await fail(2);
    await advance(2000);
    await answer(3, [row({ headSeq: 3, unread: 2 })]);
    await advance(60_000);
    expect({ unread: unread(), asked: asked.length }).toEqual({ unread: 2, asked: 4 });
  });

  it('are those of a conversation that came since: asked for soon, however many messages come', async () => {
    const { store, load, answer, advance, asked, unread } = start();
    load();
    await answer(0, []);
    for (const seq of [7, 8, 9]) {
      store.count([messageOf(seq)]);
      await advance(150);
    }
    expect({ unread: unread(), asked: asked.length }).toEqual({ unread: 0, asked: 2 });
    await answer(1, [row({ headSeq: 9, lastReadSeq: 6, unread: 3 })]);
    expect(store.of(harbour)).toMatchObject({ lastReadSeq: 6, unread: 3 });
  });

  it('are not asked for once the page has stopped', async () => {
    const { store, fail, advance, asked } = await startWithOneDeleted();
    await advance(1000);
    store.stop();
    await fail(2);
    await advance(60_000);
    expect(asked).toHaveLength(3);
  });
});
