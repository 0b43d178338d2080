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
  const due = new Map<string, Vault>();
  const reading = new Set<string>();
  const readAll = () => {
    for (const [id, vault] of due) {
      reading.add(id);
      read(vault)
        .catch(() => undefined)
        .finally(() => reading.delete(id));
    }
    due.clear();
  };
  return (vault) => {
    if (reading.has(vault.id)) return;
    if (due.size === 0) clock.after(gatherMs, readAll);
    due.set(vault.id, vault);
  };
};
