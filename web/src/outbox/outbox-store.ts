import { type IDBPDatabase, type IDBPObjectStore, openDB } from 'idb';
import { keptOpen } from './kept-open.ts';
import { isUnsent, type OutboxItem } from './outbox-item.ts';

/** Where commands wait. `add` gives the order. */
export type OutboxStore = {
  add: (item: Omit<OutboxItem, 'order'>) => Promise<OutboxItem>;
  /** Puts a new command in the place of one that failed, or changes nothing; undefined when that one is gone. */
  renew: (clientId: string, item: Omit<OutboxItem, 'order'>) => Promise<OutboxItem | undefined>;
  /** Changes a command that still waits; false when it was discarded, by whichever tab: it does not come back. */
  put: (item: OutboxItem) => Promise<boolean>;
  remove: (clientId: string) => Promise<void>;
  /** Takes a command back that nobody has tried to send, or that was refused for good; false when it may be on its way or saved, or is gone. */
  removeUnsent: (clientId: string) => Promise<boolean>;
  /** One person's commands in their order. */
  all: (userId: string) => Promise<OutboxItem[]>;
  /** How many wait, whoever they are from. */
  count: () => Promise<number>;
};

/** The outbox in IndexedDB, shared by all tabs of this browser. Throws where the browser keeps nothing (some private modes). */
export const openOutboxStore = async (name = 'chatapp'): Promise<OutboxStore> => {
  const inDatabase = keptOpen((terminated) =>
    openDB(name, 1, {
      upgrade: (fresh) => {
        const store = fresh.createObjectStore('outbox', { keyPath: 'order', autoIncrement: true });
        store.createIndex('clientId', 'clientId', { unique: true });
        store.createIndex('userId', 'userId');
      },
      terminated,
    }),
  );
  const atOnce = <T>(steps: (store: Commands) => Promise<T>) => inDatabase((db) => transact(db, steps));
  await inDatabase(async () => undefined);
  return {
    add: (item) => atOnce(async (store) => ({ ...item, order: await addOnce(store, item) })),
    renew: (clientId, item) =>
      atOnce(async (store) => {
        const old = await keyOf(store, clientId);
        if (old === undefined && (await keyOf(store, item.clientId)) === undefined) return undefined;
        // Added first: what throws before it is asked for ends no transaction.
        const order = await addOnce(store, item);
        if (old !== undefined) await store.delete(old);
        return { ...item, order };
      }),
    put: (item) =>
      atOnce(async (store) => {
        const exists = (await store.getKey(item.order)) !== undefined;
        if (exists) await store.put(item);
        return exists;
      }),
    remove: (clientId) =>
      atOnce(async (store) => {
        const key = await keyOf(store, clientId);
        if (key !== undefined) await store.delete(key);
      }),
    removeUnsent: (clientId) =>
      atOnce(async (store) => {
        const item = (await store.index('clientId').get(clientId)) as OutboxItem | undefined;
        if (item === undefined || !isUnsent(item)) return false;
        await store.delete(item.order);
        return true;
      }),
    all: (userId) => inDatabase((db) => db.getAllFromIndex('outbox', 'userId', userId)) as Promise<OutboxItem[]>,
    count: () => inDatabase((db) => db.count('outbox')),
  };
};

const keyOf = (store: Commands, clientId: string) => store.index('clientId').getKey(clientId);

/** A repeat under the same id finds the place of the first. */
const addOnce = async (store: Commands, item: Omit<OutboxItem, 'order'>): Promise<number> =>
  Number((await keyOf(store, item.clientId)) ?? (await store.add(item)));

/** Does all of it or nothing. Rejects once, by whichever of the steps and the commit failed. */
const transact = async <T>(db: IDBPDatabase, steps: (store: Commands) => Promise<T>): Promise<T> => {
  const { store, done } = db.transaction('outbox', 'readwrite');
  const [result] = await Promise.all([steps(store), done]);
  return result;
};
type Commands = IDBPObjectStore<unknown, ['outbox'], 'outbox', 'readwrite'>;

/** The outbox where nothing can be stored: it lives as long as the page. */
export const memoryOutboxStore = (): OutboxStore => {
  const items = new Map<string, OutboxItem>();
  let order = 0;
  const add = (item: Omit<OutboxItem, 'order'>): OutboxItem => {
    const stored = { ...item, order: ++order };
    items.set(item.clientId, stored);
    return stored;
  };
  return {
    add: async (item) => add(item),
    renew: async (clientId, item) => (items.delete(clientId) ? add(item) : undefined),
    put: async (item) => {
      const exists = items.has(item.clientId);
      if (exists) items.set(item.clientId, item);
      return exists;
    },
    remove: async (clientId) => void items.delete(clientId),
    removeUnsent: async (clientId) => {
      const item = items.get(clientId);
      return item !== undefined && isUnsent(item) && items.delete(clientId);
    },
    all: async (userId) => [...items.values()].filter((item) => item.userId === userId),
    count: async () => items.size,
  };
};
