import type { Outcome } from '../src/outbox/deliver.ts';
import { createOutbox } from '../src/outbox/outbox.ts';
import type { OutboxItem } from '../src/outbox/outbox-item.ts';
import { memoryOutboxStore, type OutboxStore } from '../src/outbox/outbox-store.ts';
import type { OpenTabs, TabMessage } from '../src/outbox/tabs.ts';
import { fakeClock } from './fake-clock.ts';
import { ann } from './people.ts';

export const send = (body: string) => ({ kind: 'send', body, replyTo: null }) as const;
export const saved = (seq: number): Outcome => ({ at: 'saved', seq, rev: seq });
export const later = (afterMs?: number): Outcome => ({ at: 'later', afterMs });

/** All tabs of a browser: the first that opens leads, and each hears the others. `sleep` puts the one that leads to sleep. */
export const fakeTabs = () => {
  const open: { hear: (message: TabMessage) => void; lead: () => void }[] = [];
  let isAsleep = false;
  const openTab: OpenTabs = (on) => {
    const tab = { hear: on.message, lead: on.lead };
    open.push(tab);
    if (open[0] === tab) queueMicrotask(on.lead);
    return {
      leading: () => open[0] === tab,
      relieve: () => {
        if (!isAsleep) return;
        isAsleep = false;
        open.splice(0, 1);
        open.unshift(...open.splice(open.indexOf(tab), 1));
        tab.lead();
      },
      tell: (message) => {
        for (const another of open) if (another !== tab) another.hear(message);
      },
      stop: () => {
        const wasFirst = open[0] === tab;
        open.splice(open.indexOf(tab), 1);
        if (wasFirst) open[0]?.lead();
      },
    };
  };
  const sleep = () => {
    isAsleep = true;
  };
  return Object.assign(openTab, { sleep });
};

/** The outbox of ann in one tab; each try waits until the test answers it. */
export const startOutbox = async (
  parts: { store?: OutboxStore; openTabs?: OpenTabs; shown?: boolean; now?: number; reachable?: () => boolean } = {},
) => {
  const { clock, advance, settle } = fakeClock(parts.now ?? 1_000_000);
  const tries: { item: OutboxItem; answer: (outcome: Outcome) => void }[] = [];
  let ids = 0;
  const store = parts.store ?? memoryOutboxStore();
  const outbox = createOutbox({
    store,
    me: ann,
    deliver: (item) => new Promise((answer) => tries.push({ item, answer })),
    openTabs: parts.openTabs ?? fakeTabs(),
    clock,
    random: () => 0.5,
    newId: () => `id${++ids}-${Math.random()}`,
    reachable: parts.reachable ?? (() => true),
    isShown: () => parts.shown ?? true,
  });
  await settle();
  const bodies = () => tries.map(({ item }) => ('body' in item.op ? item.op.body : ''));
  const answer = async (outcome: Outcome) => {
    tries.at(-1)?.answer(outcome);
    await settle();
  };
  const phases = () => outbox.items().map(({ phase }) => phase);
  return { outbox, store, tries, bodies, answer, phases, advance, settle };
};
