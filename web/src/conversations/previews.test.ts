import { describe, expect, it } from 'bun:test';
import type { MessagePage } from '@chatapp/contract/http-messages';
import type { Message } from '@chatapp/contract/shapes';
import { createEffect, createRoot } from 'solid-js';
import { fakeClock } from '../../test/fake-clock.ts';
import { harbour, messageOf } from '../../test/people.ts';
import { ApiError } from '../api/api-error.ts';
import { createPreviews } from './previews.ts';

const secret = messageOf(1, { body: 'secret' });
const tombstone = messageOf(1, { rev: 2, body: '', deletedAt: '2026-11-22T10:00:00.000Z' });
const headPage = (...items: Message[]): MessagePage => ({ items, next: null, headSeq: 0, headRev: 0 });

/** Each question waits until the test answers it. */
const start = () => {
  const { clock, advance, settle } = fakeClock();
  const asked: { c: string; answer: (page: MessagePage) => void; fail: (error: Error) => void }[] = [];
  const page = (c: string) => {
    const { promise, resolve, reject } = Promise.withResolvers<MessagePage>();
    asked.push({ c, answer: resolve, fail: reject });
    return promise;
  };
  const previews = createPreviews({ api: { page }, clock, random: () => 0.5 });
  /** Rows of the list, in view until they are taken away. */
  const view = (...ids: string[]) =>
    createRoot((remove) => {
      for (const c of ids) createEffect(() => previews.want(c));
      return remove;
    });
  const answer = async (...items: Message[]) => {
    asked.shift()?.answer(headPage(...items));
    await settle();
  };
  const fail = async (error: Error) => {
    asked.shift()?.fail(error);
    await settle();
  };
  return { previews, view, asked, answer, fail, advance };
};

describe('previews', () => {
  it('asks again after a gap, and shows that the last message was deleted', async () => {
    const { previews, asked, answer } = start();
    previews.take([secret]);
    previews.askAgain();
    previews.want(harbour);
    expect(asked.map(({ c }) => c)).toEqual([harbour]);
    await answer(tombstone);
    expect(previews.of(harbour)).toEqual(tombstone);
  });

  it('asks after a gap for the rows that are in view, and for no others', async () => {
    const { previews, view, asked, answer } = start();
    view(harbour);
    view('scrolled-away')();
    await answer(secret);
    await answer();
    previews.askAgain();
    expect(asked.map(({ c }) => c)).toEqual([harbour]);
  });

  it('asks once between two gaps, and for four at a time', async () => {
    const { previews, view, asked, answer } = start();
    view('a', 'b', 'c', 'd', 'e');
    previews.want('e');
    expect(asked.map(({ c }) => c)).toEqual(['a', 'b', 'c', 'd']);
    previews.askAgain();
    expect(asked).toHaveLength(4);
    for (let count = 0; count < 9; count++) await answer();
    expect(asked).toHaveLength(0);
  });

  it('keeps a push that came while an older answer was on its way', async () => {
    const { previews, view, answer } = start();
    view(harbour);
    previews.take([messageOf(2)]);
    await answer(secret);
    expect(previews.of(harbour)?.seq).toBe(2);
  });

  it('keeps the answer to the later of two questions, whichever comes first', async () => {
    const { previews, view, asked, answer } = start();
    view(harbour);
    previews.askAgain();
    const [first] = asked.splice(0, 1);
    await answer(tombstone);
    first?.answer(headPage(secret));
    await answer();
    expect(previews.of(harbour)).toEqual(tombstone);
  });

  it('asks anew for what could not be had while its row is in view, but not for what is not found', async () => {
    const { view, asked, fail, advance } = start();
    const remove = view(harbour);
    await fail(new ApiError('unavailable', 503));
    expect(asked).toHaveLength(0);
    await advance(1000);
    await fail(new ApiError('unavailable', 503));
    remove();
    await advance(60_000);
    expect(asked).toHaveLength(0);
    view(harbour);
    await fail(new ApiError('not-found', 404));
    await advance(60_000);
    expect(asked).toHaveLength(0);
  });

  it('forgets a conversation, and asks for it when it is back', async () => {
    const { previews, view, asked, answer } = start();
    view(harbour)();
    await answer(secret);
    previews.forget(harbour);
    expect(previews.of(harbour)).toBeUndefined();
    view(harbour);
    expect(asked).toHaveLength(1);
  });
});
