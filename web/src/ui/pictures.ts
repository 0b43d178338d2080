import { dataUrlOf } from './picture.ts';

const keptMax = 300;

/**
 * Pictures of this origin as addresses that an `img` can show. The BFF refuses what comes without the CSRF header, which an `img` cannot send, so
 * they are fetched. Keeps the last `keptMax`; the browser's own cache has the others.
 */
export const createPictures = (load: (path: string) => Promise<Blob>) => {
  const kept = new Map<string, Promise<string>>();
  return {
    /** Rejects where there is no such picture any more. */
    of: (path: string): Promise<string> => {
      const found = kept.get(path) ?? load(path).then(dataUrlOf);
      kept.delete(path);
      kept.set(path, found);
      found.catch(() => kept.delete(path));
      const [oldest] = kept.keys();
      if (kept.size > keptMax && oldest !== undefined) kept.delete(oldest);
      return found;
    },
  };
};
