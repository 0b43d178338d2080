import { createSignal } from 'solid-js';
import { resendDelayMs } from '../realtime/backoff.ts';
import type { Clock } from '../realtime/clock.ts';
import type { Deliver } from './deliver.ts';
import {
  isExpired,
  isOverridden,
  mayBeSaved,
  nextToSend,
  type OutboxItem,
  type OutboxOp,
  type ShownItem,
} from './outbox-item.ts';
import type { OutboxStore } from './outbox-store.ts';
import type { OpenTabs, TabMessage } from './tabs.ts';

/** How often the server may fail at one command before the person decides: it would hold back all that was written after it. */
const faultsMax = 5;
const readAgainMs = 5_000;
/** For how long a tab lets another send before it asks whether that one is awake. */
const patienceMs = 10_000;

export type OutboxParts = {
  store: OutboxStore;
  me: string;
  deliver: Deliver;
  openTabs: OpenTabs;
  clock: Clock;
  random: () => number;
  newId: () => string;
  /** False while it is known that nothing can be reached: then nothing is tried, and what waits can be taken back. */
  reachable: () => boolean;
  /** Whether the timeline shows what a sent command did; until then the outbox shows it. */
  isShown: (item: ShownItem) => boolean;
};

/**
 * Commands of this person that are not saved yet, in all tabs. Each is stored before it is shown; one a conversation is under way;
 * the next goes when it is answered, by whichever road.
 */
export const createOutbox = (parts: OutboxParts) => {
  const { store, me, deliver, openTabs, clock, random, newId, isShown } = parts;
  const [items, setItems] = createSignal<readonly ShownItem[]>([]);
  const dueAt = new Map<string, number>();
  /** Counts from 0 again in another tab, and after a reload. */
  const faults = new Map<string, number>();
  let timer: (() => void) | undefined;
  let cancelWatch: (() => void) | undefined;
  let stopped = false;

  const find = (clientId: string) => items().find((item) => item.clientId === clientId);
  const set = (clientId: string, change: Partial<ShownItem>) =>
    setItems((all) => all.map((item) => (item.clientId === clientId ? { ...item, ...change } : item)));
  const leave = (clientId: string) => {
    dueAt.delete(clientId);
    faults.delete(clientId);
    setItems((all) => all.filter((item) => item.clientId !== clientId));
  };

  const pump = () => {
    if (stopped) return;
    if (!tabs.leading()) return watchLeader();
    if (!parts.reachable()) return;
    for (const item of nextToSend(items(), dueAt, clock.now())) void fly(item);
    const waiting = items().flatMap((item) => (item.phase === 'waiting' ? [dueAt.get(item.clientId) ?? 0] : []));
    const soonest = Math.min(...waiting.filter((at) => at > clock.now()));
    timer?.();
    timer = Number.isFinite(soonest) ? clock.after(soonest - clock.now(), pump) : undefined;
  };

  /** While something waits here, the tab that sends has to be awake. */
  const watchLeader = () => {
    if (stopped || tabs.leading() || cancelWatch || !items().some(({ phase }) => phase === 'waiting')) return;
    cancelWatch = clock.after(patienceMs, () => {
      cancelWatch = undefined;
      if (parts.reachable()) tabs.relieve();
      watchLeader();
    });
  };

  const fly = async (item: ShownItem) => {
    set(item.clientId, { phase: 'flying' });
    // The browser could not store what became of it: whatever that is, the same command may be tried again.
    await tryOnce(item).catch(() => postpone(item));
    pump();
  };

  const postpone = (item: ShownItem, afterMs?: number) => {
    dueAt.set(item.clientId, clock.now() + (afterMs ?? resendDelayMs(item.attempts, random)));
    set(item.clientId, { phase: 'waiting' });
  };

  const tryOnce = async (item: ShownItem) => {
    if (isExpired(item, clock.now())) return refuse(item, 'expired');
    const tried = stored({ ...item, attempts: item.attempts + 1 });
    // Discarded in another tab.
    if (!(await store.put(tried))) return leave(item.clientId);
    set(item.clientId, { attempts: tried.attempts });
    if (stopped) return;
    const outcome = await deliver(item);
    if (stopped) return;
    switch (outcome.at) {
      case 'saved':
        await store.remove(item.clientId);
        settle(item.clientId, outcome);
        tabs.tell({ kind: 'settled', clientId: item.clientId, seq: outcome.seq, rev: outcome.rev });
        break;
      case 'refused':
        await refuse(tried, outcome.code);
        break;
      case 'later':
        postpone(item, outcome.afterMs);
        break;
      case 'fault': {
        const count = (faults.get(item.clientId) ?? 0) + 1;
        faults.set(item.clientId, count);
        if (count < faultsMax) postpone(item);
        else await refuse(tried, 'internal');
        break;
      }
      default:
        outcome satisfies never;
    }
  };

  const settle = (clientId: string, settled: { seq: number; rev: number }) => {
    set(clientId, { phase: 'sent', settled });
    sweep();
  };

  /** Lets go of what the timeline shows by now. */
  const sweep = () => {
    for (const item of items())
      if (item.phase === 'sent' && (isShown(item) || isOverridden(item, items()))) leave(item.clientId);
  };

  const refuse = async (item: OutboxItem, failed: NonNullable<OutboxItem['failed']>) => {
    faults.delete(item.clientId);
    if (!(await store.put({ ...stored(item), failed }))) return leave(item.clientId);
    set(item.clientId, { phase: 'failed', failed });
    tabs.tell({ kind: 'changed' });
  };

  /** Reads what the store has: at the start, and when another tab changed it. */
  const read = async () => {
    const known = await store.all(me);
    setItems((shown) => {
      const ids = new Set(known.map(({ clientId }) => clientId));
      const sent = shown.filter((item) => item.phase === 'sent' && !ids.has(item.clientId));
      return [...sent, ...known.map((item) => merged(item, shown))].sort((a, b) => a.order - b.order);
    });
    pump();
  };

  const load = (): void => {
    // The browser could not read it.
    read().catch(() => stopped || clock.after(readAgainMs, load));
  };

  const hear = (message: TabMessage) => {
    if (message.kind === 'changed') load();
    else if (find(message.clientId)) settle(message.clientId, message);
  };

  const discard = async (clientId: string): Promise<void> => {
    leave(clientId);
    await store.remove(clientId);
    tabs.tell({ kind: 'changed' });
    pump();
  };

  const commandOf = (conversationId: string, op: OutboxOp): Omit<OutboxItem, 'order'> => ({
    ...{ clientId: newId(), userId: me, conversationId, at: clock.now(), op },
    ...{ attempts: 0, failed: null },
  });

  const enter = (item: OutboxItem) => {
    setItems((all) => [...all, { ...item, phase: 'waiting' as const }]);
    if (!tabs.leading()) tabs.tell({ kind: 'changed' });
    pump();
  };

  const add = async (conversationId: string, op: OutboxOp): Promise<string> => {
    const item = await store.add(commandOf(conversationId, op));
    enter(item);
    return item.clientId;
  };

  const retryAsItIs = async (item: ShownItem) => {
    // What is too old gets its time anew. It was handed to the network once, and stays so: it is not to be taken back.
    const at = item.failed === 'expired' ? clock.now() : item.at;
    const again = { ...stored(item), at, attempts: 1, failed: null };
    if (!(await store.put(again))) return leave(item.clientId);
    set(item.clientId, { ...again, phase: 'waiting' });
    tabs.tell({ kind: 'changed' });
    pump();
  };

  const tabs = openTabs({ lead: load, message: hear });
  load();

  return {
    items,
    add,
    discard,
    /** Takes back what nobody has tried to send, or what was refused for good; false when it may be on its way. */
    cancel: async (clientId: string): Promise<boolean> => {
      if (!(await store.removeUnsent(clientId))) return false;
      leave(clientId);
      tabs.tell({ kind: 'changed' });
      pump();
      return true;
    },
    sweep,
    /**
     * Sends a command that failed once more. A refused one as a new one: the server keeps its final refusal under the old id. Throws where
     * it cannot be stored.
     */
    retry: async (clientId: string): Promise<void> => {
      const item = find(clientId);
      if (!item) return;
      if (mayBeSaved(item)) return await retryAsItIs(item);
      const again = await store.renew(clientId, commandOf(item.conversationId, item.op));
      leave(clientId);
      tabs.tell({ kind: 'changed' });
      if (again) enter(again);
    },
    /** The network is back: nothing waits for its time. */
    hurry: (): void => {
      dueAt.clear();
      pump();
    },
    stop: (): void => {
      stopped = true;
      timer?.();
      cancelWatch?.();
      tabs.stop();
    },
  };
};

const stored = (item: OutboxItem): OutboxItem => {
  const { clientId, userId, conversationId, order, at, op, attempts, failed } = item;
  return { clientId, userId, conversationId, order, at, op, attempts, failed };
};

const merged = (item: OutboxItem, shown: readonly ShownItem[]): ShownItem => {
  const known = shown.find(({ clientId }) => clientId === item.clientId);
  if (known?.phase === 'flying' || known?.phase === 'sent') return known;
  return { ...item, phase: item.failed === null ? 'waiting' : 'failed' };
};
