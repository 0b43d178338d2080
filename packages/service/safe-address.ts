import type { Setting } from './config.ts';

export const isEncrypted = (address: string): boolean => /^(https|wss):$/.test(new URL(address).protocol);

export const isLoopback = (address: string): boolean =>
  /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(address).hostname);

/** Whether a host to listen on stands for every address of the machine: `0.0.0.0`, `::` and their other spellings. */
export const isWildcard = (host: string): boolean => /^(\*|\[?[0:.x]+\]?|\[?::ffff:0(\.0){3}\]?)$/i.test(host);

/** The same setting, without what would go in the open over a network: keys of tokens and cookies over plain http are for this machine alone. */
export const safely = (setting: Setting<string>): Setting<string> => ({
  ...setting,
  read: (text) => {
    const result = setting.read(text);
    if ('fault' in result || isEncrypted(result.value) || isLoopback(result.value)) return result;
    return { fault: 'https, or http on a loopback host (localhost, 127.0.0.1)' };
  },
});
