import { readFileSync } from 'node:fs';

/** What the system says of a process. `birth` tells it from a later process with the same pid. */
export type ProcessEntry = { pid: number; parentPid: number; birth: string; command: string };

/** Looks a process up; undefined when it is gone, or dead and only not yet collected. */
export function lookUpProcess(pid: number): ProcessEntry | undefined {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

function fromProc(pid: number): ProcessEntry | undefined {
  try {
    // "12 (name, maybe with spaces) S 11 …": the fields are counted from the last parenthesis.
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parentPid, ...rest] = line.slice(line.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return { pid, parentPid: Number(parentPid), birth: `${bootId()}:${rest[17]}`, command };
  } catch {
    return undefined;
  }
}

// The start time counts from the boot: alone it could be met again after the next one.
const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

function fromPs(pid: number): ProcessEntry | undefined {
  const { stdout } = Bun.spawnSync(['ps', '-o', 'stat=,ppid=,lstart=,command=', '-p', String(pid)]);
  // "Ss  1 Mon Nov 22 14:00:00 2026 /usr/bin/thing --argument"
  const found = /^\s*(\S+)\s+(\d+)\s+((?:\S+\s+){4}\d{4})\s+(.*)$/m.exec(stdout.toString());
  if (found === null || found[1]?.startsWith('Z')) return undefined;
  return { pid, parentPid: Number(found[2]), birth: found[3] ?? '', command: found[4] ?? '' };
}
