import { readdirSync, readFileSync } from 'node:fs';
import type { ChaosStack } from './stack.ts';

/** What a process holds; nothing is known of what is dead now, or where the system has no /proc. */
export interface Resources {
  readonly residentBytes: number;
  /** Open files and sockets. */
  readonly descriptors: number;
}

const kinds = ['bff', 'conversations', 'messages', 'realtime', 'redis'];

export const resourcesOf = (stack: ChaosStack): ReadonlyMap<string, Resources> =>
  new Map(
    kinds
      .flatMap((kind) => stack.namesOf(kind))
      .flatMap((name) => {
        const resources = read(stack.pid(name));
        return resources === undefined ? [] : [[name, resources] as const];
      }),
  );

const read = (pid: number): Resources | undefined => {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    const descriptors = readdirSync(`/proc/${pid}/fd`).length;
    return kilobytes === undefined ? undefined : { residentBytes: Number(kilobytes) * 1024, descriptors };
  } catch {
    return undefined;
  }
};
