import type { Clock } from '@chatapp/resilience/clock';
import type { Vault } from './secret.ts';

/** How long sessions are gathered, so that those in use go to Redis together. */
const gatherMs = 50;

export interface ReadAheadOptions {
  /** Reads a session and remembers it. */
  readonly read: (vault: Vault) => Promise<unknown>;
  readonly clock: Pick<Clock, 'after'>;
}

/**
 * Reads sessions in steady use before what is known of them is too old: no request waits for that, and many are read at once. One that fails is left to the next
 * request, which hears the error.
 */
export const createReadAhead = ({ read, clock }: ReadAheadOptions): ((vault: Vault) => void) => {
  let due = new Map<string, Vault>();
  const readAll = () => {
    const vaults = due.values();
    due = new Map();
    for (const vault of vaults) read(vault).catch(() => undefined);
  };
  return (vault) => {
    if (due.size === 0) clock.after(gatherMs, readAll);
    due.set(vault.id, vault);
  };
};
