import type { Chaos } from './fault.ts';
import { databaseConnections } from './faults/database-store.ts';
import { eventEntries, redisBytes } from './faults/redis-store.ts';
import type { Judged } from './judged.ts';
import type { Memory } from './outcome.ts';
import { kindOf } from './stack/edges.ts';
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
/** A tenth, as the catalogue says, and what a young process, a pool or a store still grows by itself within minutes: events are kept for a day. */
const growthMax = 1.1;
const allowed = {
  residentBytes: 128 * megabyte,
  descriptors: 30,
  connections: 30,
  redisBytes: 8 * megabyte,
  events: 5000,
};

/** What is allowed, for whoever reads the results. */
export const holdingsDiffer = `I8, in every fault: 10 % more than before it, less is no fault, and on top of that for each process ${allowed.residentBytes / megabyte} MB of memory, for each service ${allowed.descriptors} descriptors, for all ${allowed.connections} connections at the database, ${allowed.redisBytes / megabyte} MB of Redis's memory and ${allowed.events} entries of the event stream.`;

/** Whether all of it came back to what it was before the fault. */
export const judgeHoldings = (before: Holdings, after: Holdings): Judged[] => {
  const figure = (what: string, was: number, value: number, more: number): Judged => ({
    ...{ invariant: 'I8', what, value: Math.round(value), max: Math.round(was * growthMax + more) },
  });
  const memory = [...after.processes].map(([name, now]) => {
    const was = before.processes.get(name) ?? now;
    const [wasMb, nowMb] = [was.residentBytes / megabyte, now.residentBytes / megabyte];
    return figure(`memory of ${name}, MB`, wasMb, nowMb, allowed.residentBytes / megabyte);
  });
  // Of all processes of a service: when one dies, the sockets that it had go to the others.
  const kinds = [...new Set([...after.processes.keys()].map(kindOf))];
  const descriptors = kinds.map((kind) =>
    figure(`descriptors of ${kind}`, descriptorsOf(before, kind), descriptorsOf(after, kind), allowed.descriptors),
  );
  return [
    ...worstOf(memory),
    ...worstOf(descriptors),
    figure('connections at the database', before.connections, after.connections, allowed.connections),
    figure('memory in use of Redis, KB', before.redisBytes / 1024, after.redisBytes / 1024, allowed.redisBytes / 1024),
    figure('entries of the event stream', before.events, after.events, allowed.events),
  ];
};

const descriptorsOf = ({ processes }: Holdings, kind: string): number =>
  [...processes].reduce((sum, [name, { descriptors }]) => (kindOf(name) === kind ? sum + descriptors : sum), 0);

/** The one that is nearest to its limit, or the farthest over it. */
const worstOf = (figures: readonly Judged[]): Judged[] =>
  figures.toSorted((one, other) => shareOf(other) - shareOf(one)).slice(0, 1);

const shareOf = ({ value, max = 1 }: Judged): number => (value ?? 0) / max;

export const memoryOf = (before: Holdings, after: Holdings): Memory[] =>
  [...after.processes].map(([name, { residentBytes }]) => ({
    ...{ name, beforeBytes: before.processes.get(name)?.residentBytes ?? 0, afterBytes: residentBytes },
  }));
