import { describe, expect, it } from 'bun:test';
import type { ChangesPage, MessagePage } from '@chatapp/contract/http-messages';
import type { Message } from '@chatapp/contract/shapes';
import { fakeClock } from '../../test/fake-clock.ts';
import { harbour, messageOf, range } from '../../test/people.ts';
import { ApiError } from '../api/api-error.ts';
import type { MessagesApi } from '../api/messages-api.ts';
import { slice } from './timeline.ts';
import { createTimelines } from './timelines.ts';

/** The messages service as far as the timelines ask it: each question waits until the test answers it. */
const createServer = () => {
  const asked: { what: string; answer: (value: unknown) => void; fail: (error: Error) => void }[] = [];
  const ask = <T>(what: string): Promise<T> => {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    asked.push({ what, answer: (value) => resolve(value as T), fail: reject });
    return promise;
  };
  const api = {
    page: (_c: string, query: object) => ask<MessagePage>(`page ${JSON.stringify(query)}`),
    changes: (_c: string, after: number) => ask<ChangesPage>(`changes ${after}`),
  } as unknown as MessagesApi;
  return { api, asked };
};

const pageOf = (from: number, to: number): MessagePage => ({
  items: range(from, to).map((seq) => messageOf(seq)),
  next: null,
  headSeq: to,
  headRev: to,
});
const push = (message: Message) => ({ after: message.rev - 1, to: message.rev, changes: [message] });

const start = () => {
  const { clock, advance, settle } = fakeClock();
  const server = createServer();
  const fetched: number[] = [];
  const onFetched = (newest: readonly Message[]) => fetched.push(...newest.map(({ seq }) => seq));
  const timelines = createTimelines({ api: server.api, clock, random: () => 0.5, onFetched });
  const entry = timelines.open(harbour);
  const seqs = () => slice(entry.timeline(), 1, 10_000).map(({ seq }) => seq);
  const answer = async (value: unknown) => {
    server.asked.shift()?.answer(value);
    await settle();
  };
  return { timelines, entry, seqs, answer, advance, settle, fetched, asked: server.asked };
};

describe('timelines', () => {
  it('holds pushes until the first page and drops those that it knows', async () => {
    const { timelines, entry, seqs, answer, asked } = start();
    timelines.take(harbour, push(messageOf(3)));
    timelines.take(harbour, push(messageOf(4)));
    await answer(pageOf(1, 3));
    expect(seqs()).toEqual([1, 2, 3, 4]);
    expect(entry.timeline().have).toBe(4);
    expect(asked).toHaveLength(0);
  });

  it('fetches a hole before it shows what follows', async () => {
    const { timelines, entry, seqs, answer, asked } = start();
    await answer(pageOf(1, 3));
    timelines.take(harbour, push(messageOf(6)));
    timelines.take(harbour, push(messageOf(7)));
    expect(seqs()).toEqual([1, 2, 3]);
    expect(entry.catchingUp()).toBe(true);
    expect(asked.map(({ what }) => what)).toEqual(['changes 3']);
    await answer({ changes: [4, 5, 6].map((seq) => messageOf(seq)), after: 3, to: 6, headRev: 6 });
    expect(seqs()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(entry.catchingUp()).toBe(false);
  });

  it('tells when what was fetched is shown: the first page, that of a reset, what filled a hole', async () => {
    const { timelines, answer, fetched } = start();
    await answer(pageOf(1, 3));
    expect(fetched).toEqual([3]);
    timelines.take(harbour, push(messageOf(5)));
    expect(fetched).toEqual([3]);
    await answer({ changes: [messageOf(4), messageOf(5)], after: 3, to: 5, headRev: 5 });
    expect(fetched).toEqual([3, 5]);
    timelines.resumed([{ c: harbour, reset: true, headRev: 500, headSeq: 500 }], [harbour]);
    await answer(pageOf(451, 500));
    expect(fetched).toEqual([3, 5, 500]);
  });

  it('asks again for a hole until it is answered', async () => {
    const { timelines, seqs, answer, advance, settle, asked } = start();
    await answer(pageOf(1, 3));
    timelines.take(harbour, push(messageOf(5)));
    asked.shift()?.fail(new ApiError('unavailable', 503));
    await settle();
    await advance(1000);
    expect(asked.map(({ what }) => what)).toEqual(['changes 3']);
    await answer({ changes: [messageOf(4), messageOf(5)], after: 3, to: 5, headRev: 5 });
    expect(seqs()).toEqual([1, 2, 3, 4, 5]);
  });

  it('follows cut pages of changes to the head', async () => {
    const { timelines, seqs, answer, asked } = start();
    await answer(pageOf(1, 1));
    timelines.take(harbour, push(messageOf(9)));
    await answer({ changes: [2, 3, 4].map((seq) => messageOf(seq)), after: 1, to: 4, headRev: 9 });
    expect(asked.map(({ what }) => what)).toEqual(['changes 4']);
    await answer({ changes: range(5, 9).map((seq) => messageOf(seq)), after: 4, to: 9, headRev: 9 });
    expect(seqs()).toEqual(range(1, 9));
  });

  it('asks again for a page that a resume has overtaken', async () => {
    const { timelines, seqs, answer, asked } = start();
    timelines.resumed([], []);
    await answer(pageOf(1, 3));
    expect(seqs()).toEqual([]);
    expect(asked).toHaveLength(1);
    await answer(pageOf(1, 4));
    expect(seqs()).toEqual([1, 2, 3, 4]);
  });

  it('asks for what followed a page that came after the resume was asked for', async () => {
    const { timelines, seqs, answer, asked } = start();
    const asking = timelines.positions().map(([c]) => c);
    await answer(pageOf(1, 3));
    timelines.resumed([], asking);
    expect(asked.map(({ what }) => what)).toEqual(['changes 3']);
    await answer({ changes: [messageOf(4)], after: 3, to: 4, headRev: 4 });
    expect(seqs()).toEqual([1, 2, 3, 4]);
  });

  it('applies what a resume answers', async () => {
    const { timelines, entry, seqs, answer } = start();
    await answer(pageOf(1, 2));
    expect(timelines.positions()).toEqual([[harbour, 2]]);
    const changes = [messageOf(3), messageOf(1, { rev: 4, body: 'edited' })];
    timelines.resumed([{ c: harbour, changes, after: 2, to: 4, headRev: 4, headSeq: 3 }], [harbour]);
    expect(seqs()).toEqual([1, 2, 3]);
    expect(entry.timeline().have).toBe(4);
    expect(entry.timeline().messages.get(1)?.body).toBe('edited');
  });

  it('drops its timeline on reset and loads the newest page', async () => {
    const { timelines, seqs, answer, asked } = start();
    await answer(pageOf(1, 2));
    timelines.resumed([{ c: harbour, reset: true, headRev: 900, headSeq: 800 }], [harbour]);
    expect(seqs()).toEqual([]);
    expect(asked).toHaveLength(1);
    await answer(pageOf(751, 800));
    expect(seqs()).toEqual(range(751, 800));
  });

  it('forgets a conversation that is gone', async () => {
    const { timelines, answer, asked } = start();
    await answer(pageOf(1, 2));
    timelines.resumed([{ c: harbour, gone: true }], [harbour]);
    expect(timelines.peek(harbour)).toBeUndefined();
    expect(asked).toHaveLength(0);
  });

  it('drops what a resume leaves out, and loads it again only where it is shown', async () => {
    const { timelines, answer, asked } = start();
    await answer(pageOf(1, 2));
    timelines.resumed([], [harbour]);
    expect(timelines.positions()).toEqual([]);
    expect(asked).toHaveLength(1);
    await answer(pageOf(1, 2));
    timelines.close(harbour);
    timelines.resumed([], [harbour]);
    expect(timelines.peek(harbour)).toBeUndefined();
    expect(asked).toHaveLength(0);
  });

  it('starts anew where a hole is not found, and is whole again once the person is back', async () => {
    const { timelines, entry, seqs, answer, asked, settle } = start();
    await answer(pageOf(1, 3));
    timelines.take(harbour, push(messageOf(5)));
    for (const status of ['loading', 'failed'] as const) {
      asked.shift()?.fail(new ApiError('not-found', 404));
      await settle();
      expect({ status: entry.status(), catchingUp: entry.catchingUp() }).toEqual({ status, catchingUp: false });
    }
    timelines.reload(harbour);
    await answer(pageOf(1, 6));
    timelines.take(harbour, push(messageOf(7)));
    expect(seqs()).toEqual(range(1, 7));
  });

  it('throws an answer away that belongs to a dropped timeline', async () => {
    const { timelines, seqs, asked, settle } = start();
    const first = asked.shift();
    timelines.reload(harbour);
    first?.answer(pageOf(1, 3));
    await settle();
    expect(seqs()).toEqual([]);
    asked.shift()?.answer(pageOf(4, 6));
    await settle();
    expect(seqs()).toEqual([4, 5, 6]);
  });

  it('loads older pages one at a time', async () => {
    const { timelines, seqs, answer, asked } = start();
    await answer(pageOf(51, 60));
    void timelines.loadOlder(harbour);
    void timelines.loadOlder(harbour);
    const come = timelines.loadOlder(harbour).then(seqs);
    expect(asked.map(({ what }) => what)).toEqual(['page {"before":51,"limit":50}']);
    await answer(pageOf(1, 50));
    // Who asks while a page is on its way waits for it.
    expect(await come).toEqual(range(1, 60));
    await timelines.loadOlder(harbour);
    expect(asked).toHaveLength(0);
  });

  it('says that older messages could not be loaded, until they are asked for again or the connection is back', async () => {
    const { timelines, entry, seqs, answer, asked, settle } = start();
    await answer(pageOf(51, 60));
    const fail = async () => {
      void timelines.loadOlder(harbour);
      asked.shift()?.fail(new ApiError('unavailable', 503));
      await settle();
    };
    await fail();
    expect(entry.older()).toBe('failed');
    timelines.resumed([], []);
    expect(entry.older()).toBe('idle');
    await fail();
    void timelines.loadOlder(harbour);
    expect(entry.older()).toBe('loading');
    await answer(pageOf(1, 50));
    expect(entry.older()).toBe('idle');
    expect(seqs()).toEqual(range(1, 60));
  });

  it('asks for a hole at once when the person wants it', async () => {
    const { timelines, seqs, answer, settle, asked } = start();
    await answer(pageOf(1, 3));
    timelines.take(harbour, push(messageOf(5)));
    asked.shift()?.fail(new ApiError('unavailable', 503));
    await settle();
    expect(asked).toHaveLength(0);
    timelines.hurry(harbour);
    await settle();
    await answer({ changes: [messageOf(4), messageOf(5)], after: 3, to: 5, headRev: 5 });
    expect(seqs()).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('a timeline that nobody looks at', () => {
  const pushAll = (timelines: ReturnType<typeof start>['timelines'], from: number, to: number) => {
    for (const seq of range(from, to)) timelines.take(harbour, push(messageOf(seq)));
  };

  it('keeps the newest messages, and older ones join on again without holes', async () => {
    const { timelines, entry, seqs, answer, asked } = start();
    await answer(pageOf(1, 50));
    timelines.close(harbour);
    pushAll(timelines, 51, 5050);
    expect(entry.timeline().messages.size).toBeLessThanOrEqual(600);
    timelines.open(harbour);
    const { low } = entry.timeline();
    expect(seqs()).toEqual(range(low, 5050));
    void timelines.loadOlder(harbour);
    expect(asked.map(({ what }) => what)).toEqual([`page {"before":${low},"limit":50}`]);
    await answer(pageOf(low - 50, low - 1));
    expect(seqs()).toEqual(range(low - 50, 5050));
  });

  it('lets go of what was read back to as it is closed by its last viewer, not before', async () => {
    const { timelines, entry, answer } = start();
    await answer(pageOf(1, 1000));
    timelines.open(harbour);
    timelines.close(harbour);
    pushAll(timelines, 1001, 1010);
    expect(entry.timeline().messages.size).toBe(1010);
    timelines.close(harbour);
    expect(entry.timeline()).toMatchObject({ low: 511, high: 1010 });
  });

  it('keeps a deletion that an older page on its way does not know', async () => {
    const { timelines, entry, answer } = start();
    await answer(pageOf(51, 1000));
    void timelines.loadOlder(harbour);
    const deleted = messageOf(50, { rev: 1001, body: '', deletedAt: '2026-11-22T10:00:00.000Z' });
    timelines.take(harbour, push(deleted));
    timelines.close(harbour);
    timelines.open(harbour);
    await answer(pageOf(1, 50));
    expect(slice(entry.timeline(), 50, 50)).toEqual([deleted]);
    expect(entry.timeline()).toMatchObject({ low: 1, high: 1000 });
  });
});
