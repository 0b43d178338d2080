import { readFileSync } from 'node:fs';
import type { ChaosStack } from './stack.ts';

const kinds = ['bff', 'conversations', 'messages', 'realtime', 'redis'];

/** Resident memory of each process, bytes; without what is dead now, and empty where the system has no /proc. */
export const residentBytes = (stack: ChaosStack): ReadonlyMap<string, number> =>
  new Map(
    kinds
      .flatMap((kind) => stack.namesOf(kind))
      .flatMap((name) => {
        const bytes = residentOf(stack.pid(name));
        return bytes === undefined ? [] : [[name, bytes] as const];
      }),
  );

const residentOf = (pid: number): number | undefined => {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
};
