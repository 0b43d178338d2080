export type Closable = { close: () => void };

/** How a step fails whose connection was closed before it or under it; Safari calls the loss of its database process unknown. */
const closedNames = new Set(['InvalidStateError', 'UnknownError', 'AbortError']);
const isClosed = (error: unknown): boolean => error instanceof Error && closedNames.has(error.name);

/**
 * A database whose connection the browser may close at any time, as iOS does to pages in the background. `open` is told how to say so. The answer
 * does a step; where the connection was closed it opens another and repeats the step, once. What a closed connection did last may be kept all the
 * same: a step has to bear that it was done already.
 */
export const keptOpen = <Db extends Closable>(open: (onClosed: () => void) => Promise<Db>) => {
  let opened: Promise<Db> | undefined;

  const drop = (closed: Promise<Db>) => {
    if (opened === closed) opened = undefined;
  };
  const connection = (): Promise<Db> => {
    if (opened) return opened;
    const mine = open(() => drop(mine));
    mine.catch(() => drop(mine));
    opened = mine;
    return mine;
  };

  return async <T>(step: (db: Db) => Promise<T>): Promise<T> => {
    const mine = connection();
    const db = await mine;
    try {
      return await step(db);
    } catch (error) {
      if (!isClosed(error)) throw error;
      drop(mine);
      db.close();
      return await step(await connection());
    }
  };
};
