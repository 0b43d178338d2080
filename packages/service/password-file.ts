import { readFileSync } from 'node:fs';
import type { Setting } from './config.ts';

/**
 * A file that holds a password, which is read again for every new connection, so that it rotates without a restart. While the file is away
 * or empty, because it is being replaced, the password that was read before stays.
 */
export const passwordFile = (name: string, { about }: { readonly about: string }): Setting<() => string> => ({
  name,
  about,
  default: undefined,
  required: true,
  read: (path) => {
    let last = readPassword(path);
    if (last === '') return { fault: 'a file that holds a password' };
    return {
      value: () => {
        last = readPassword(path) || last;
        return last;
      },
    };
  },
});

/** Of a few bytes, and where ioredis waits for nothing: so it is read at once. */
const readPassword = (path: string): string => {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
};
