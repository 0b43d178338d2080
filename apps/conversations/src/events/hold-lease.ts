import { type Clock, systemClock } from '@chatapp/resilience/clock';
import type { Log } from '@chatapp/service/log';
import type { Read } from '../database.ts';
import { giveUpLease, takeLease } from './lease-store.ts';

interface LeaseOptions {
  readonly read: Read;
  readonly name: string;
  readonly owner: string;
  readonly leaseMs: number;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** Runs while the lease is held; `held` aborts when it is lost or the process ends. */
  readonly work: (held: AbortSignal) => Promise<void>;
}

const askAgainMs = 500;

/**
 * Does a work on one instance at a time, until the signal aborts: takes the lease row, renews it at a third of its time, and stops the work when it
 * could not be renewed for its whole time. Only saves work: a holder that was frozen may still write once, so the work itself must bear a double.
 */
export const holdLease = async (options: LeaseOptions): Promise<void> => {
  const { signal, log, name, clock = systemClock } = options;
  while (!signal.aborted) {
    const taken = await options
      .read((db) => takeLease(db, options))
      .catch((error) => {
        log.warn({ error, lease: name }, 'asking for a lease failed');
        return false;
      });
    if (taken) await workOnce(options, clock);
    await clock.sleep(askAgainMs, signal).catch(() => undefined);
  }
};

const workOnce = async (options: LeaseOptions, clock: Clock): Promise<void> => {
  const { read, name, leaseMs, log, signal } = options;
  const lost = new AbortController();
  const held = AbortSignal.any([signal, lost.signal]);
  const renewal = renewUntil(options, { clock, held, lose: () => lost.abort() });
  log.debug({ lease: name }, 'lease taken');
  try {
    await options.work(held);
  } catch (error) {
    if (!held.aborted) log.error({ error, lease: name }, 'the work of a lease failed');
  } finally {
    lost.abort();
    await renewal;
    const bound = clock.sleep(leaseMs);
    await Promise.race([read((db) => giveUpLease(db, options)).catch(() => undefined), bound]);
  }
};

const renewUntil = async (
  options: LeaseOptions,
  { clock, held, lose }: { clock: Clock; held: AbortSignal; lose: () => void },
): Promise<void> => {
  let endsAt = clock.now() + options.leaseMs;
  while (!held.aborted) {
    await clock.sleep(options.leaseMs / 3, held).catch(() => undefined);
    if (held.aborted) return;
    const askedAt = clock.now();
    const renewed = await options.read((db) => takeLease(db, options)).catch(() => undefined);
    if (renewed) endsAt = askedAt + options.leaseMs;
    if (renewed === false || clock.now() > endsAt) lose();
  }
};
