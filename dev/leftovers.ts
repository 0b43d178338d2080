import type { OwnProcess } from './run-file.ts';
import { survivingProcesses } from './run-file.ts';

/**
 * Ends the processes that a killed start left behind in this data folder, and returns their names.
 * Only processes that it began are touched: a pid that went to another program since has another birth.
 */
export async function endLeftovers(processesFile: string, graceMs = 3_000): Promise<string[]> {
  const left = await survivingProcesses(processesFile);
  signalAll(left, (name) => (name === 'postgres' ? 'SIGINT' : 'SIGTERM'));
  if (!(await areGone(processesFile, graceMs))) {
    signalAll(await survivingProcesses(processesFile), () => 'SIGKILL');
    await areGone(processesFile, graceMs);
  }
  return left.map(({ name }) => name);
}

function signalAll(processes: readonly OwnProcess[], signalOf: (name: string) => NodeJS.Signals): void {
  for (const { name, pid } of processes) {
    try {
      process.kill(pid, signalOf(name));
    } catch {
      // It ended between the look and the signal, which is what was wanted.
    }
  }
}

async function areGone(processesFile: string, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while ((await survivingProcesses(processesFile)).length > 0) {
    if (performance.now() > deadline) return false;
    await Bun.sleep(25);
  }
  return true;
}
