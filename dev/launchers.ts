import { lookUpProcess, type ProcessEntry } from './process-table.ts';

type LookUp = (pid: number) => ProcessEntry | undefined;

/**
 * The processes above ours that only pass our command on: `bun start`, and where npx or npm began it, the shell between and that.
 * Npm hands a signal to its shell, which dies of it and tells nobody, so their end means: stop.
 */
export function launchersOf(pid: number, lookUp: LookUp = lookUpProcess): number[] {
  const ancestors = ancestorsOf(pid, lookUp);
  const npm = ancestors.findIndex(({ command }) => /^(\S*node\S* .*)?\S*(npm|npx)\b/.test(command));
  const isPassedOn = ancestors.slice(0, npm).every(({ command }) => isBunRun(command) || isShell(command));
  if (npm >= 0 && isPassedOn) return ancestors.slice(0, npm + 1).map((ancestor) => ancestor.pid);
  return ancestors[0] !== undefined && isBunRun(ancestors[0].command) ? [ancestors[0].pid] : [];
}

/** Whether each launcher is still there and still the parent of the one below it. */
export function areLaunchersThere(pid: number, launchers: readonly number[], lookUp: LookUp = lookUpProcess): boolean {
  let child = pid;
  for (const launcher of launchers) {
    if (lookUp(child)?.parentPid !== launcher) return false;
    child = launcher;
  }
  return true;
}

function ancestorsOf(pid: number, lookUp: LookUp): ProcessEntry[] {
  const ancestors: ProcessEntry[] = [];
  let next = lookUp(pid)?.parentPid;
  while (next !== undefined && next > 1 && ancestors.length < 4) {
    const found = lookUp(next);
    if (found === undefined) break;
    ancestors.push(found);
    next = found.parentPid;
  }
  return ancestors;
}

const isBunRun = (command: string): boolean => /^\S*bun(\.exe)? (run )?start\b/.test(command);
const isShell = (command: string): boolean => /^\S*sh -c /.test(command);
