import type { Page } from 'playwright-core';

/** All that the page has stored, as its own script could read it: cookies, both storages, caches, and every record of every database. */
export const storedIn = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const asked = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const databases = (await indexedDB.databases()).map(async ({ name = '' }) => {
      const database = await asked(indexedDB.open(name));
      const stores = [...database.objectStoreNames].map(async (store) => {
        const records = database.transaction(store).objectStore(store);
        return [store, await asked(records.getAllKeys()), await asked(records.getAll())];
      });
      const found = [name, await Promise.all(stores)];
      database.close();
      return found;
    });
    const caches = (await window.caches.keys()).map(async (name) => {
      const cache = await window.caches.open(name);
      const answers = (await cache.matchAll()).map((answer) => answer.text());
      return [name, (await cache.keys()).map(({ url }) => url), await Promise.all(answers)];
    });
    return JSON.stringify({
      cookie: document.cookie,
      cookies: await window.cookieStore.getAll(),
      local: { ...localStorage },
      session: { ...sessionStorage },
      history: history.state,
      name: window.name,
      databases: await Promise.all(databases),
      caches: await Promise.all(caches),
    });
  });
