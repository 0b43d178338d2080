import { openDB } from 'idb';
import type { OutboxItem } from './outbox-item.ts';

/** Where commands wait. `add` gives the order. */
export type OutboxStore = {
  add: (item: Omit<OutboxItem, 'order'>) => Promise<OutboxItem>;
  put: (item: OutboxItem) => Promise<void>;
  remove: (clientId: string) => Promise<void>;
  /** One person's commands in their order. */
  all: (userId: string) => Promise<OutboxItem[]>;
  /** How many wait, whoever they are from. */
  count: () => Promise<number>;
};

/** The outbox in IndexedDB, shared by all tabs of this browser. Throws where the browser keeps nothing (some private modes). */
export const openOutboxStore = async (name = 'chatapp'): Promise<OutboxStore> => {
  const db = await openDB(name, 1, {
    upgrade: (fresh) => {
      const store = fresh.createObjectStore('outbox', { keyPath: 'order', autoIncrement: true });
      store.createIndex('clientId', 'clientId', { unique: true });
      store.createIndex('userId', 'userId');
    },
  });
  return {
    add: async (item) => ({ ...item, order: Number(await db.add('outbox', item)) }),
    put: async (item) => void (await db.put('outbox', item)),
    remove: async (clientId) => {
      const key = await db.getKeyFromIndex('outbox', 'clientId', clientId);
      if (key !== undefined) await db.delete('outbox', key);
    },
    all: async (userId) => (await db.getAllFromIndex('outbox', 'userId', userId)) as OutboxItem[],
    count: () => db.count('outbox'),
  };
};

/** The outbox where nothing can be stored: it lives as long as the page. */
export const memoryOutboxStore = (): OutboxStore => {
  const items = new Map<string, OutboxItem>();
  let order = 0;
  return {
    add: async (item) => {
      const stored = { ...item, order: ++order };
      items.set(item.clientId, stored);
      return stored;
    },
    put: async (item) => void items.set(item.clientId, item),
    remove: async (clientId) => void items.delete(clientId),
    all: async (userId) => [...items.values()].filter((item) => item.userId === userId),
    count: async () => items.size,
  };
};
