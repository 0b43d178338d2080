import { closeSync, openSync, renameSync, statSync } from 'node:fs';

/** How a process of the stack is started and asked to stop. */
export type Launch = {
  command: string[];
  cwd: string;
  env: Record<string, string | undefined>;
  /** The user and group to run as, where that differs from ours. */
  uid?: number;
  /** A folder that the process finds open as descriptor 3. */
  handedFolder?: string;
  stopSignal: 'SIGTERM' | 'SIGINT';
  /** What ends it when it does not stop in time; SIGKILL unless that would leave something behind. */
  forceSignal?: 'SIGQUIT';
};

const logSizeMax = 20 * 1024 * 1024;

/**
 * Starts a process whose output is appended to a file.
 * It leads a session of its own: ctrl-C reaches our process alone, which then stops the parts in their order.
 */
export function launchProcess(launch: Launch, logFile: string): Bun.Subprocess {
  putFullLogAside(logFile);
  const log = openSync(logFile, 'a', 0o600);
  const folder = launch.handedFolder === undefined ? undefined : openSync(launch.handedFolder, 'r');
  try {
    return Bun.spawn(launch.command, {
      cwd: launch.cwd,
      env: launch.env,
      stdio: folder === undefined ? ['ignore', log, log] : ['ignore', log, log, folder],
      detached: true,
      ...(launch.uid === undefined ? {} : { uid: launch.uid, gid: launch.uid }),
    });
  } finally {
    closeSync(log);
    if (folder !== undefined) closeSync(folder);
  }
}

function putFullLogAside(logFile: string): void {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (size > logSizeMax) renameSync(logFile, `${logFile}.1`);
}

/** Asks a process to stop, and ends it by force when it is still there after `graceMs`. */
export async function stopProcess(
  child: Bun.Subprocess,
  { stopSignal, forceSignal }: Pick<Launch, 'stopSignal' | 'forceSignal'>,
  graceMs: number,
): Promise<void> {
  child.kill(stopSignal);
  const timers = [
    setTimeout(() => child.kill(forceSignal ?? 'SIGKILL'), graceMs),
    setTimeout(() => child.kill('SIGKILL'), graceMs + 400),
  ];
  await child.exited;
  for (const timer of timers) clearTimeout(timer);
}
