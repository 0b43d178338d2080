import { readdirSync, readFileSync } from 'node:fs';

/** Processes under one name, with everything that they start: `postgres` is its postmaster and all backends. */
export type ProcessGroups = ReadonlyMap<string, readonly number[]>;

interface ProcessTimes {
  readonly parent: number;
  /** User and system time of the process and of the children that it has collected, clock ticks. */
  readonly ticks: number;
}

const getconf = Bun.which('getconf');
const ticksPerSecond = (getconf && Number(Bun.spawnSync([getconf, 'CLK_TCK']).stdout.toString())) || 100;

/** CPU seconds, user and system, that each group has used since its processes began. */
export const cpuSeconds = (groups: ProcessGroups): Map<string, number> => {
  const table = processTable();
  const children = Map.groupBy(table.keys(), (pid) => table.get(pid)?.parent ?? 0);
  const ticksOfTree = (pid: number): number =>
    (table.get(pid)?.ticks ?? 0) + (children.get(pid) ?? []).reduce((sum, child) => sum + ticksOfTree(child), 0);
  return new Map(
    Array.from(groups, ([name, pids]) => [name, pids.reduce((sum, pid) => sum + ticksOfTree(pid), 0) / ticksPerSecond]),
  );
};

/** Processes with all that they started, and what those started. */
export const pidsOfTrees = (roots: readonly number[]): number[] => {
  const table = processTable();
  const children = Map.groupBy(table.keys(), (pid) => table.get(pid)?.parent ?? 0);
  const treeOf = (pid: number): number[] => [pid, ...(children.get(pid) ?? []).flatMap(treeOf)];
  return roots.flatMap(treeOf);
};

/** What each group used between two readings, seconds. */
export const cpuBetween = (
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): Record<string, number> =>
  Object.fromEntries(Array.from(after, ([name, seconds]) => [name, seconds - (before.get(name) ?? 0)]));

export const sumOf = (parts: Readonly<Record<string, number>>): number =>
  Object.values(parts).reduce((sum, one) => sum + one, 0);

/** Resident memory of a process, KB. */
export const residentKb = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);

const processTable = (): Map<number, ProcessTimes> => {
  const table = new Map<number, ProcessTimes>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const times = timesOf(entry);
    if (times) table.set(Number(entry), times);
  }
  return table;
};

const timesOf = (entry: string): ProcessTimes | undefined => {
  try {
    // "12 (name, maybe with spaces) S 11 …": the fields are counted from the last parenthesis.
    const line = readFileSync(`/proc/${entry}/stat`, 'utf8');
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    // utime, stime, and those of collected children.
    const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0);
    return { parent: Number(fields[1]), ticks };
  } catch {
    // It ended while we looked.
    return undefined;
  }
};
