import { lookUpProcess, type ProcessEntry } from './process-table.ts';

type LookUp = (pid: number) => ProcessEntry | undefined;

/** Says that we are to end: by SIGINT or SIGTERM, repeated ones included, or because a launcher above us has died without passing one on. */
export function onStop(stop: (why: string) => void): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(signal));
  const launchers = launchersOf(process.pid);
  if (launchers.length === 0) return;
  const look = () => areLaunchersThere(process.pid, launchers) || stop('What started this has ended.');
  setInterval(look, process.platform === 'linux' ? 200 : 1_000).unref();
}

/**
 * The processes above ours that only pass our command on: `bun run …`, and where npx or npm began it, the shell between and that.
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

/** A script by its name, which has neither a folder nor an ending: a program that bun runs starts us for ends of its own. */
const isBunRun = (command: string): boolean => /^\S*bun(\.exe)?( -\S+)* (run( -\S+)* [\w:-]+|start)( |$)/.test(command);
const isShell = (command: string): boolean => /^\S*sh -c /.test(command);
