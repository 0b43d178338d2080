import type { Clock } from '@chatapp/resilience/clock';
import type { Log } from '@chatapp/service/log';
import {
  forgetDead,
  type Holder,
  inheritLease,
  isFree,
  leaveInstances,
  livingInstances,
  releaseLease,
  renewLease,
  takeLease,
} from './lease-store.ts';

export interface LeasesOptions extends Holder {
  /** What is to be shared out: each name is held by one instance at a time. */
  readonly names: readonly string[];
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** Safety does not rest on a lease: a holder that was frozen and wakes up writes only repeats. It saves work, no more. */
export interface Leases {
  /** What this instance holds now, each with the number of its tenure: another number means that somebody else may have held it in between. */
  held(): ReadonlyMap<string, number>;
  /** Renews, gives up what is too much, takes what is free; to be called again and again, at the latest every third of the lease. */
  tick(): Promise<void>;
  /** To be called when nothing is in hand: lets go what is too much. */
  settled(): Promise<void>;
  releaseAll(): Promise<void>;
}

interface Tenure {
  readonly number: number;
  /** When it ends unless it is renewed, on our own clock. */
  endsAt: number;
  leaving: boolean;
}

/**
 * Shares the names evenly among the living instances: no share is larger than another by more than one. A process that was started again takes what the
 * dead one in its seat held, at once: nobody waits until those leases end.
 */
export const createLeases = (options: LeasesOptions): Leases => {
  const { names, clock, random, leaseMs, log } = options;
  const tenures = new Map<string, Tenure>();
  let ticking: Promise<void> = Promise.resolve();
  let tenureCount = 0;
  let isSeated = false;

  const renewAll = async () => {
    // Measured before the question: the lease of Redis never ends before ours.
    const endsAt = clock.now() + leaseMs;
    await Promise.all(
      Array.from(tenures, async ([name, tenure]) => {
        if (await renewLease(options, name)) tenure.endsAt = endsAt;
        else if (tenures.get(name) === tenure) tenures.delete(name);
      }),
    );
  };

  const sitDown = async (seat: string) => {
    await forgetDead(options, seat);
    const endsAt = clock.now() + leaseMs;
    await Promise.all(
      names.map(async (name) => {
        if (!(await inheritLease(options, seat, name))) return;
        tenures.set(name, { number: ++tenureCount, endsAt, leaving: false });
      }),
    );
    if (tenures.size > 0) log.info({ leases: tenures.size }, 'took the leases of the process before this one');
  };

  /** Each question is one for all names: by turns they took longer than a lease in a slow Redis. */
  const takeFree = async (count: number) => {
    if (count <= 0) return;
    const others = names.filter((name) => !tenures.has(name));
    const free = await Promise.all(others.map(async (name) => ((await isFree(options, name)) ? [name] : [])));
    const endsAt = clock.now() + leaseMs;
    await Promise.all(
      shuffle(free.flat(), random)
        .slice(0, count)
        .map(async (name) => {
          if (!(await takeLease(options, name))) return;
          tenures.set(name, { number: ++tenureCount, endsAt, leaving: false });
          log.debug({ lease: name }, 'lease taken');
        }),
    );
  };

  const release = async (list: readonly string[]) => {
    for (const name of list) tenures.delete(name);
    await Promise.all(list.map((name) => releaseLease(options, name)));
  };

  const tick = async () => {
    if (!isSeated && options.seat !== undefined) await sitDown(options.seat);
    isSeated = true;
    const instances = await livingInstances(options, names.length);
    await renewAll();
    const share = shareOf(names.length, instances.sort().indexOf(options.instance), instances.length);
    const surplus = [...tenures.keys()].slice(share);
    for (const [name, tenure] of tenures) tenure.leaving = surplus.includes(name);
    await takeFree(share - tenures.size);
  };

  return {
    held() {
      const now = clock.now();
      return new Map(
        [...tenures]
          .filter(([, tenure]) => !tenure.leaving && tenure.endsAt > now)
          .map(([name, { number }]) => [name, number]),
      );
    },
    tick() {
      ticking = tick();
      return ticking;
    },
    settled: () => release([...tenures].filter(([, { leaving }]) => leaving).map(([name]) => name)),
    async releaseAll() {
      // What it takes would else be kept until the leases end.
      await ticking.catch(() => undefined);
      await release([...tenures.keys()]);
      await leaveInstances(options);
    },
  };
};

/** What is left over goes to the first. Where there are fewer names than instances whoever has one keeps it. */
const shareOf = (names: number, rank: number, instances: number): number =>
  Math.max(1, Math.floor(names / instances) + (rank < names % instances ? 1 : 0));

const shuffle = <T>(items: readonly T[], random: () => number): T[] =>
  items
    .map((item) => ({ item, order: random() }))
    .sort((left, right) => left.order - right.order)
    .map(({ item }) => item);
