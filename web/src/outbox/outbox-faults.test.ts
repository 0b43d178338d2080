import { describe, expect, it } from 'bun:test';
import { fakeTabs, later, saved, send, startOutbox } from '../../test/outbox.ts';
import { ann, harbour } from '../../test/people.ts';
import type { Outcome } from './deliver.ts';
import { memoryOutboxStore, type OutboxStore } from './outbox-store.ts';

describe('a command at which the server fails', () => {
  const fault: Outcome = { at: 'fault' };

  it('is tried five times, and then fails and lets the next one go', async () => {
    const { outbox, bodies, answer, advance, phases, store } = await startOutbox();
    await outbox.add(harbour, send('a'));
    await outbox.add(harbour, send('b'));
    for (const seconds of [5, 10, 20, 30]) {
      await answer(fault);
      expect(phases()).toEqual(['waiting', 'waiting']);
      await advance(seconds * 1000);
    }
    expect(bodies()).toEqual(['a', 'a', 'a', 'a', 'a']);
    await answer(fault);
    expect(phases()).toEqual(['failed', 'flying']);
    expect(outbox.items()).toMatchObject([{ failed: 'internal' }, {}]);
    expect(bodies().at(-1)).toBe('b');
    expect(await store.all(ann)).toMatchObject([{ failed: 'internal' }, { failed: null }]);
  });

  it('is tried again under the same id, as often as one that is new, when the person asks for it', async () => {
    const { outbox, tries, answer, advance, phases, store } = await startOutbox();
    const id = await outbox.add(harbour, send('a'));
    const failAll = async () => {
      for (let tried = 0; tried < 5; tried++) {
        await answer(fault);
        await advance(30_000);
      }
    };
    await failAll();
    expect(phases()).toEqual(['failed']);
    await outbox.retry(id);
    expect(phases()).toEqual(['flying']);
    expect(tries).toHaveLength(6);
    await failAll();
    expect(tries).toHaveLength(10);
    expect(phases()).toEqual(['failed']);
    await outbox.retry(id);
    await answer(saved(1));
    expect(new Set(tries.map(({ item }) => item.clientId))).toEqual(new Set([id]));
    expect(await store.count()).toBe(0);
  });

  it('is not given back to be edited, before and after: the server may have saved it', async () => {
    const { outbox, answer } = await startOutbox();
    const id = await outbox.add(harbour, send('a'));
    await answer({ at: 'refused', code: 'internal' });
    expect(await outbox.cancel(id)).toBe(false);
    await outbox.retry(id);
    await answer(later());
    expect(await outbox.cancel(id)).toBe(false);
    expect(outbox.items()).toHaveLength(1);
  });

  it('is not sent by a tab that asks for it after another has seen it saved', async () => {
    const store = memoryOutboxStore();
    const openTabs = fakeTabs();
    const first = await startOutbox({ store, openTabs });
    const id = await first.outbox.add(harbour, send('a'));
    await first.answer({ at: 'refused', code: 'internal' });
    const second = await startOutbox({ store, openTabs });
    await second.outbox.retry(id);
    await first.settle();
    expect(first.phases()).toEqual(['flying']);
    await store.remove(id);
    await first.answer(saved(1));
    await second.outbox.retry(id);
    expect(first.tries).toHaveLength(1 + 1);
    expect(second.tries).toHaveLength(0);
  });

  it('does not fail for a server that cannot be reached, however often', async () => {
    const { outbox, answer, advance, phases } = await startOutbox();
    await outbox.add(harbour, send('a'));
    for (let tried = 0; tried < 20; tried++) {
      await answer(tried % 5 === 0 ? fault : later());
      await advance(30_000);
    }
    expect(phases()).toEqual(['flying']);
    await answer(fault);
    expect(phases()).toEqual(['failed']);
  });
});

describe('where the browser fails to keep what became of a command', () => {
  /** A store that fails at the next call of `step`, once. */
  const failingOnce = (step: 'put' | 'remove') => {
    const inner = memoryOutboxStore();
    let failing = true;
    const fail = () => {
      const now = failing;
      failing = false;
      return now;
    };
    const failed = () => Promise.reject(new Error('no storage'));
    const store: OutboxStore = {
      ...inner,
      ...(step === 'put' && { put: (item) => (fail() ? failed() : inner.put(item)) }),
      ...(step === 'remove' && { remove: (id) => (fail() ? failed() : inner.remove(id)) }),
    };
    return { inner, store };
  };

  it('sends nothing that is not noted as tried, and tries again', async () => {
    const { store } = failingOnce('put');
    const { outbox, tries, phases, advance, settle } = await startOutbox({ store });
    const id = await outbox.add(harbour, send('a'));
    await settle();
    expect(phases()).toEqual(['waiting']);
    expect(tries).toHaveLength(0);
    expect(outbox.items()).toMatchObject([{ clientId: id, attempts: 0 }]);
    await advance(5_000);
    expect(tries).toHaveLength(1);
  });

  it('asks once more under the same id about what was saved, and goes on', async () => {
    const { inner, store } = failingOnce('remove');
    const { outbox, tries, bodies, answer, advance, phases } = await startOutbox({ store });
    await outbox.add(harbour, send('a'));
    await outbox.add(harbour, send('b'));
    await answer(saved(1));
    expect(phases()).toEqual(['waiting', 'waiting']);
    await advance(5_000);
    expect(tries[1]?.item.clientId).toBe(tries[0]?.item.clientId ?? '');
    await answer(saved(1));
    expect(bodies()).toEqual(['a', 'a', 'b']);
    await answer(saved(2));
    expect(await inner.count()).toBe(0);
  });

  it('asks once more about what was refused, and goes on', async () => {
    const inner = memoryOutboxStore();
    let isFull = true;
    const put: OutboxStore['put'] = (item) =>
      isFull && item.failed !== null ? Promise.reject(new Error('no storage')) : inner.put(item);
    const { outbox, answer, advance, phases } = await startOutbox({ store: { ...inner, put } });
    await outbox.add(harbour, send('a'));
    await answer({ at: 'refused', code: 'forbidden' });
    expect(phases()).toEqual(['waiting']);
    isFull = false;
    await advance(5_000);
    await answer({ at: 'refused', code: 'forbidden' });
    expect(phases()).toEqual(['failed']);
  });

  it('sends what is stored from before once it can be read', async () => {
    const inner = memoryOutboxStore();
    const before = await startOutbox({ store: inner, reachable: () => false });
    await before.outbox.add(harbour, send('a'));
    before.outbox.stop();
    let isBroken = true;
    const all: OutboxStore['all'] = (me) => (isBroken ? Promise.reject(new Error('no storage')) : inner.all(me));
    const { outbox, bodies, advance } = await startOutbox({ store: { ...inner, all } });
    expect(outbox.items()).toEqual([]);
    isBroken = false;
    await advance(5_000);
    expect(bodies()).toEqual(['a']);
  });

  it('gives up what is too old as soon as that can be noted', async () => {
    const { inner, store } = failingOnce('put');
    const old = {
      clientId: 'old',
      userId: ann,
      conversationId: harbour,
      at: 0,
      op: send('a'),
      attempts: 1,
      failed: null,
    };
    await inner.add(old);
    const { phases, advance } = await startOutbox({ store, now: 7 * 24 * 3_600_000 + 1 });
    expect(phases()).toEqual(['waiting']);
    await advance(10_000);
    expect(phases()).toEqual(['failed']);
  });
});
