import { describe, expect, it } from 'bun:test';
import { fakeTabs, later, saved, send, startOutbox } from '../../test/outbox.ts';
import { ann, eve, harbour } from '../../test/people.ts';
import { memoryOutboxStore, type OutboxStore } from './outbox-store.ts';

const other = '11111111-0000-4000-8000-000000000002';
describe('outbox', () => {
  it('stores a command before it is shown', async () => {
    const inner = memoryOutboxStore();
    const { promise: written, resolve: write } = Promise.withResolvers<void>();
    const store: OutboxStore = { ...inner, add: async (item) => written.then(() => inner.add(item)) };
    const { outbox, settle } = await startOutbox({ store });
    void outbox.add(harbour, send('a'));
    await settle();
    expect(outbox.items()).toEqual([]);
    write();
    await settle();
    expect(outbox.items()).toHaveLength(1);
  });

  it('sends one a conversation at a time, in order', async () => {
    const { outbox, bodies, answer, settle } = await startOutbox();
    for (const body of ['a', 'b', 'c']) await outbox.add(harbour, send(body));
    await outbox.add(other, send('elsewhere'));
    await settle();
    expect(bodies()).toEqual(['a', 'elsewhere']);
    await answer(saved(1));
    expect(bodies()).toEqual(['a', 'elsewhere']); // answered was the other conversation: b still waits for a
  });

  it('goes on with the next when one is answered', async () => {
    const { outbox, bodies, answer, store } = await startOutbox();
    await outbox.add(harbour, send('a'));
    await outbox.add(harbour, send('b'));
    await answer(saved(1));
    expect(bodies()).toEqual(['a', 'b']);
    await answer(saved(2));
    expect(outbox.items()).toEqual([]);
    expect(await store.count()).toBe(0);
  });

  it('tries again under the same id after 5, 10, 20 and 30 s, and nothing overtakes', async () => {
    const { outbox, tries, bodies, answer, advance } = await startOutbox();
    await outbox.add(harbour, send('a'));
    await outbox.add(harbour, send('b'));
    for (const [tried, seconds] of [5, 10, 20, 30, 30].entries()) {
      await answer(later());
      await advance(seconds * 1000 - 1);
      expect(tries).toHaveLength(tried + 1);
      await advance(1);
      expect(tries).toHaveLength(tried + 2);
    }
    expect(new Set(bodies())).toEqual(new Set(['a']));
    expect(new Set(tries.map(({ item }) => item.clientId)).size).toBe(1);
  });

  it('does not wait when the network is back', async () => {
    const { outbox, tries, answer, settle } = await startOutbox();
    await outbox.add(harbour, send('a'));
    await answer(later());
    outbox.hurry();
    await settle();
    expect(tries).toHaveLength(2);
  });

  it('tries nothing while nothing can be reached, and lets it be taken back', async () => {
    const network = { on: false };
    const { outbox, tries, settle, store } = await startOutbox({ reachable: () => network.on });
    const first = await outbox.add(harbour, send('a'));
    await outbox.add(harbour, send('b'));
    expect(tries).toHaveLength(0);
    expect(await outbox.cancel(first)).toBe(true);
    expect(await store.count()).toBe(1);
    network.on = true;
    outbox.hurry();
    await settle();
    expect(tries.map(({ item }) => item.op)).toEqual([send('b')]);
  });

  it('takes nothing back that may be saved already', async () => {
    const { outbox, answer, phases } = await startOutbox();
    const id = await outbox.add(harbour, send('a'));
    expect(await outbox.cancel(id)).toBe(false);
    await answer(later());
    expect(await outbox.cancel(id)).toBe(false);
    expect(phases()).toEqual(['waiting']);
  });

  it('does not send what another tab took back, and goes on with the next', async () => {
    const store = memoryOutboxStore();
    const openTabs = fakeTabs();
    const network = { on: false };
    const first = await startOutbox({ store, openTabs, reachable: () => network.on });
    const id = await first.outbox.add(harbour, send('a'));
    await first.outbox.add(harbour, send('b'));
    // As if the other tab's word were late: the store alone says that it is gone.
    await store.removeUnsent(id);
    network.on = true;
    first.outbox.hurry();
    await first.settle();
    expect(first.bodies()).toEqual(['b']);
    expect(first.phases()).toEqual(['flying']);
  });

  it('keeps a refused command until the person decides, and goes on with the next', async () => {
    const { outbox, bodies, answer, phases, store } = await startOutbox();
    await outbox.add(harbour, send('a'));
    await outbox.add(harbour, send('b'));
    await answer({ at: 'refused', code: 'forbidden' });
    expect(bodies()).toEqual(['a', 'b']);
    expect(phases()).toEqual(['failed', 'flying']);
    const [refused] = outbox.items();
    await outbox.discard(refused?.clientId ?? '');
    expect(phases()).toEqual(['flying']);
    expect(await store.count()).toBe(1);
  });

  it('lets a refused command be taken back, once', async () => {
    const { outbox, answer, store } = await startOutbox();
    const id = await outbox.add(harbour, send('a'));
    await answer({ at: 'refused', code: 'forbidden' });
    expect(await outbox.cancel(id)).toBe(true);
    expect(outbox.items()).toEqual([]);
    expect(await store.count()).toBe(0);
    expect(await outbox.cancel(id)).toBe(false);
  });

  it('sends a refused command again as a new one', async () => {
    const { outbox, tries, answer } = await startOutbox();
    await outbox.add(harbour, send('a'));
    await answer({ at: 'refused', code: 'forbidden' });
    await outbox.retry(outbox.items()[0]?.clientId ?? '');
    expect(tries).toHaveLength(2);
    expect(tries[1]?.item.clientId).not.toBe(tries[0]?.item.clientId ?? '');
  });

  it('keeps a refused command where the new one cannot be stored', async () => {
    const inner = memoryOutboxStore();
    const full = async () => Promise.reject(new Error('full'));
    const { outbox, answer, phases } = await startOutbox({ store: { ...inner, renew: full } });
    const id = await outbox.add(harbour, send('a'));
    await answer({ at: 'refused', code: 'forbidden' });
    await expect(outbox.retry(id)).rejects.toThrow('full');
    expect(phases()).toEqual(['failed']);
    expect(await inner.all(ann)).toMatchObject([{ clientId: id, failed: 'forbidden' }]);
  });

  it('sends a refused command again once, when two tabs ask for it', async () => {
    const store = memoryOutboxStore();
    const openTabs = fakeTabs();
    const first = await startOutbox({ store, openTabs });
    const id = await first.outbox.add(harbour, send('a'));
    await first.answer({ at: 'refused', code: 'forbidden' });
    const second = await startOutbox({ store, openTabs });
    await Promise.all([first.outbox.retry(id), second.outbox.retry(id)]);
    await second.settle();
    expect(await store.count()).toBe(1);
    expect(first.bodies()).toEqual(['a', 'a']);
    expect(second.outbox.items()).toHaveLength(1);
  });

  it('goes on after a reload with what is left, under the same ids, and leaves others alone', async () => {
    const store = memoryOutboxStore();
    const before = await startOutbox({ store });
    await before.outbox.add(harbour, send('a'));
    await before.outbox.add(harbour, send('b'));
    await before.settle();
    before.outbox.stop();
    const ofEve = {
      clientId: 'of-eve',
      userId: eve,
      conversationId: harbour,
      at: 0,
      op: send('x'),
      attempts: 0,
      failed: null,
    };
    await store.add(ofEve);
    const after = await startOutbox({ store });
    expect(after.bodies()).toEqual(['a']);
    expect(after.tries[0]?.item.clientId).toBe(before.tries[0]?.item.clientId ?? '');
    await after.answer(saved(1));
    expect(after.bodies()).toEqual(['a', 'b']);
  });

  it('gives a command up after seven days: a repeat could do it twice', async () => {
    const store = memoryOutboxStore();
    const before = await startOutbox({ store });
    await before.outbox.add(harbour, send('a'));
    before.outbox.stop();
    const after = await startOutbox({ store, now: 1_000_000 + 7 * 24 * 3_600_000 + 1 });
    expect(after.tries).toHaveLength(0);
    expect(after.outbox.items()).toMatchObject([{ phase: 'failed', failed: 'expired' }]);
  });

  it('asks about a tried one that was given up under its own id, and about one that was not as a new one', async () => {
    const store = memoryOutboxStore();
    const before = await startOutbox({ store });
    const tried = await before.outbox.add(harbour, send('a'));
    const untried = await before.outbox.add(harbour, send('b'));
    await before.settle();
    before.outbox.stop();
    const after = await startOutbox({ store, now: 1_000_000 + 7 * 24 * 3_600_000 + 1 });
    expect(after.phases()).toEqual(['failed', 'failed']);
    expect(await after.outbox.cancel(tried)).toBe(false);
    await after.outbox.retry(tried);
    await after.answer(saved(1));
    await after.outbox.retry(untried);
    expect(after.bodies()).toEqual(['a', 'b']);
    expect(after.tries[0]?.item.clientId).toBe(tried);
    expect(after.tries[1]?.item.clientId).not.toBe(untried);
  });

  it('shows a sent command until the timeline has it', async () => {
    const parts = { shown: false };
    const { outbox, answer, phases, store } = await startOutbox(parts);
    await outbox.add(harbour, send('a'));
    await answer(saved(4));
    expect(phases()).toEqual(['sent']);
    expect(await store.count()).toBe(0);
    parts.shown = true;
    outbox.sweep();
    expect(outbox.items()).toEqual([]);
  });

  it('lets a reaction that was taken back go once it is set again, whether the timeline ever had it gone or not', async () => {
    const { outbox, answer } = await startOutbox({ shown: false });
    const react = (on: boolean, emoji = '👍') => ({ kind: 'react', seq: 4, emoji, on }) as const;
    await outbox.add(harbour, react(false));
    await answer({ at: 'saved', seq: 4, rev: 0 });
    await outbox.add(harbour, react(true, '🎉'));
    await answer(saved(5));
    expect(outbox.items()).toHaveLength(2);
    await outbox.add(harbour, react(true));
    await answer(saved(6));
    expect(outbox.items()).toMatchObject([{ op: react(true, '🎉') }, { op: react(true) }]);
  });

  it('sends from one tab for all, and from the next when that one goes', async () => {
    const store = memoryOutboxStore();
    const openTabs = fakeTabs();
    const first = await startOutbox({ store, openTabs });
    const second = await startOutbox({ store, openTabs });
    await second.outbox.add(harbour, send('a'));
    await first.settle();
    expect(second.tries).toHaveLength(0);
    expect(first.bodies()).toEqual(['a']);
    await first.answer(saved(1));
    await second.settle();
    expect(second.outbox.items()).toEqual([]);
    first.outbox.stop();
    await second.outbox.add(harbour, send('b'));
    await second.settle();
    expect(second.bodies()).toEqual(['b']);
  });

  it('sends from another tab when the one that leads is asleep, and from no other while it is awake', async () => {
    const store = memoryOutboxStore();
    const openTabs = fakeTabs();
    const first = await startOutbox({ store, openTabs, reachable: () => false });
    const network = { on: false };
    const second = await startOutbox({ store, openTabs, reachable: () => network.on });
    await second.outbox.add(harbour, send('a'));
    network.on = true;
    await second.advance(30_000);
    expect(second.tries).toHaveLength(0);
    openTabs.sleep();
    await second.advance(10_000);
    expect(second.bodies()).toEqual(['a']);
    expect(first.tries).toHaveLength(0);
  });

  it('asks for no other tab while nothing waits, or nothing can be reached', async () => {
    const store = memoryOutboxStore();
    const openTabs = fakeTabs();
    await startOutbox({ store, openTabs, reachable: () => false });
    const second = await startOutbox({ store, openTabs, reachable: () => false });
    openTabs.sleep();
    await second.outbox.add(harbour, send('a'));
    await second.advance(60_000);
    expect(second.tries).toHaveLength(0);
  });
});
