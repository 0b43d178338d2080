import type { Chaos } from './fault.ts';
import { databaseConnections } from './faults/database-store.ts';
import { eventEntries, redisBytes } from './faults/redis-store.ts';
import type { Judged } from './judged.ts';
import type { Memory } from './outcome.ts';
import { type Resources, resourcesOf } from './stack/resources.ts';

/** What the product holds on to (I8). */
export interface Holdings {
  readonly processes: ReadonlyMap<string, Resources>;
  /** Of all services at the database. */
  readonly connections: number;
  readonly redisBytes: number;
  /** In the stream of events, which is trimmed by age only. */
  readonly events: number;
}

export const holdingsOf = async ({ stack, sql, redis }: Pick<Chaos, 'stack' | 'sql' | 'redis'>): Promise<Holdings> => ({
  processes: resourcesOf(stack),
  connections: await databaseConnections(sql),
  redisBytes: await redisBytes(redis),
  events: await eventEntries(redis),
});

const megabyte = 1024 * 1024;
/** A tenth, as the catalogue says, and what a young process, a pool or a store still grows by itself within minutes. */
const growthMax = 1.1;
const allowed = {
  residentBytes: 128 * megabyte,
  descriptors: 30,
  connections: 10,
  redisBytes: 8 * megabyte,
  events: 500,
};

/** Whether all of it came back to what it was before the fault. */
export const judgeHoldings = (before: Holdings, after: Holdings): Judged[] => {
  const figure = (what: string, was: number, value: number, more: number): Judged => ({
    ...{ invariant: 'I8', what, value: Math.round(value), max: Math.round(was * growthMax + more) },
  });
  const ofProcesses = [...after.processes].flatMap(([name, now]) => {
    const was = before.processes.get(name) ?? now;
    return [
      figure(
        `memory of ${name}, MB`,
        was.residentBytes / megabyte,
        now.residentBytes / megabyte,
        allowed.residentBytes / megabyte,
      ),
      figure(`descriptors of ${name}`, was.descriptors, now.descriptors, allowed.descriptors),
    ];
  });
  return [
    ...worstOf(ofProcesses.filter(({ what }) => what.startsWith('memory'))),
    ...worstOf(ofProcesses.filter(({ what }) => what.startsWith('descriptors'))),
    figure('connections at the database', before.connections, after.connections, allowed.connections),
    figure('memory in use of Redis, KB', before.redisBytes / 1024, after.redisBytes / 1024, allowed.redisBytes / 1024),
    figure('entries of the event stream', before.events, after.events, allowed.events),
  ];
};

/** The one that is nearest to its limit, or the farthest over it. */
const worstOf = (figures: readonly Judged[]): Judged[] =>
  figures.toSorted((one, other) => shareOf(other) - shareOf(one)).slice(0, 1);

const shareOf = ({ value, max = 1 }: Judged): number => (value ?? 0) / max;

export const memoryOf = (before: Holdings, after: Holdings): Memory[] =>
  [...after.processes].map(([name, { residentBytes }]) => ({
    ...{ name, beforeBytes: before.processes.get(name)?.residentBytes ?? 0, afterBytes: residentBytes },
  }));
