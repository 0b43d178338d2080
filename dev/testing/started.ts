import { readFile } from 'node:fs/promises';
import { type Launch, launchProcess, stopProcess } from '../launch.ts';
import { eventually } from './eventually.ts';
import { reapProcess } from './reaper.ts';

/** A process of the harness, ended with the test process at the latest. */
export type Started = { pid: number; stop(): Promise<void>; kill(): void };

/** Starts a process and waits until it is ready; the end of its log is part of the error when it never is. */
export async function startReady(
  launch: Launch,
  logFile: string,
  isReady: () => Promise<boolean>,
  timeoutMs = 30_000,
): Promise<Started> {
  const child = launchProcess(launch, logFile);
  const ended = reapProcess(child.pid);
  child.exited.then(ended);
  child.unref();
  try {
    await eventually(() => child.exitCode !== null || child.signalCode !== null || isReady(), { timeoutMs });
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('It ended.');
  } catch (cause) {
    child.kill('SIGKILL');
    throw new Error(`${launch.command.join(' ')} did not become ready:\n${await lastLines(logFile)}`, { cause });
  }
  return {
    pid: child.pid,
    stop: () => stopProcess(child, launch, 6_000),
    kill: () => child.kill('SIGKILL'),
  };
}

async function lastLines(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-20).join('\n');
}
