import { createStore } from 'solid-js/store';

/**
 * Values by id; who reads one is told when that one changes. A value is replaced whole and never written into, since others hold
 * it too: Solid's stores would merge the new one into the old one's object.
 */
export const createTable = <T>() => {
  const [rows, setRows] = createStore<Record<string, T | undefined>>({});
  return {
    get: (id: string): T | undefined => rows[id],
    all: (): T[] => Object.values(rows).filter((row) => row !== undefined),
    ids: (): string[] => Object.keys(rows),
    put: (id: string, row: T): void => setRows({ [id]: row }),
    putAll: (fresh: Readonly<Record<string, T>>): void => setRows(fresh),
    remove: (id: string): void => setRows({ [id]: undefined }),
    /** Only these from now on. */
    replace: (fresh: Readonly<Record<string, T>>): void => {
      const gone = Object.keys(rows).filter((id) => !(id in fresh));
      setRows({ ...Object.fromEntries(gone.map((id) => [id, undefined])), ...fresh });
    },
  };
};
