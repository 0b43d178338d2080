import type { Clock } from '@chatapp/resilience/clock';
import type { Log } from '@chatapp/service/log';
import type { Leases } from './leases.ts';

export interface LeaseTicksOptions {
  readonly leaseMs: number;
  /** Asks the database by the way that the work under the leases goes; resolves when it answered. */
  readonly askDatabase: () => Promise<unknown>;
  readonly clock: Clock;
  readonly log: Log;
}

const awayMs = 100;
/** So many leases long the database may be silent. */
const silentLeases = 2;

/**
 * Keeps leases alive until the signal aborts, beside the work done under them: a long batch must not lose them. Who has not heard from the database for
 * twice a lease gives them up, and takes them again when it answers: Redis alone would leave them with an instance whose path to the
 * database is cut, while another one is well (0041).
 */
export const keepLeases = async (leases: Leases, options: LeaseTicksOptions, signal: AbortSignal): Promise<void> => {
  const { leaseMs, clock, log } = options;
  const hearing = createHearing(options);
  let away = false;
  let silentLooks = 0;
  while (!signal.aborted) {
    hearing.ask();
    silentLooks = hearing.silentMs() > silentLeases * leaseMs ? silentLooks + 1 : 0;
    try {
      // A process that stood still itself has not read yet what came meanwhile: it looks twice.
      if (silentLooks < 2) await leases.tick();
      else if (silentLooks === 2) await giveUp(leases, log);
      away = false;
    } catch (error) {
      if (!away) log.warn({ error }, 'leases cannot be renewed');
      away = true;
    }
    // Redis and the database may be back, or there for the first time, at any moment, and until then nobody saves anything.
    const pauseMs = away || silentLooks > 0 ? Math.min(awayMs, leaseMs / 4) : leaseMs / 4;
    await clock.sleep(pauseMs, signal).catch(() => undefined);
  }
};

/** Without Redis they end by themselves. */
const giveUp = async (leases: Leases, log: Log): Promise<void> => {
  log.warn('the database does not answer; its leases are left to others');
  await leases.releaseAll();
};

/** One question at a time: it waits behind the batch that is in hand, so that a batch which hangs is a silence too. */
const createHearing = ({ askDatabase, clock }: LeaseTicksOptions) => {
  let heardAt = clock.now();
  let isAsking = false;
  return {
    ask() {
      if (isAsking) return;
      isAsking = true;
      const answered = askDatabase().then(
        () => {
          heardAt = clock.now();
        },
        () => undefined,
      );
      void answered.then(() => {
        isAsking = false;
      });
    },
    silentMs: () => clock.now() - heardAt,
  };
};
