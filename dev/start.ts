// `bun start`: the whole of ChatApp on this machine, from nothing. No package is imported before they are installed.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { claimDataFolder, type DataFolder } from './data-folder.ts';
import { ensureInstalled } from './install.ts';
import { onStop } from './launchers.ts';
import { endLeftovers } from './leftovers.ts';
import { holdPort } from './ports.ts';
import { step } from './progress.ts';
import { readSettings, type StackSettings } from './settings.ts';
import type { Stack } from './stack.ts';
import { StartError } from './start-error.ts';
import { buildWeb, isWebBuilt } from './web-build.ts';

const stopping = new AbortController();
let stack: Stack | undefined;
let folder: DataFolder | undefined;
let building: Promise<void> | undefined;

watchForStop();
try {
  const settings = readSettings(join(import.meta.dir, '..'), process.env, process.argv.slice(2));
  folder = await claimDataFolder(settings.dataDir);
  await clearTheWay(settings, folder);
  await ensureInstalled(settings.root, { signal: stopping.signal });
  const { Stack } = await import('./stack.ts');
  stopping.signal.throwIfAborted();
  stack = new Stack(settings, folder);
  await stack.start(() => ensureWeb(settings));
  stopping.signal.throwIfAborted();
  console.log(`ready http://localhost:${settings.port}`);
} catch (error) {
  if (!stopping.signal.aborted) {
    console.error(error instanceof StartError ? error.message : error);
    await end(1);
  }
}

async function clearTheWay({ port }: StackSettings, { runFile, processesFile }: DataFolder): Promise<void> {
  const left = await step('ending what the last start left', () => endLeftovers(processesFile));
  if (left.length > 0) console.log(`ended what a killed start had left: ${left.join(', ')}`);
  await rm(runFile, { force: true });
  await holdPort(port);
}

async function ensureWeb({ root }: StackSettings): Promise<void> {
  if (await isWebBuilt(root)) return;
  building = step('building the web client', () => buildWeb(root, stopping.signal));
  await building;
}

function watchForStop(): void {
  const stop = () => {
    if (!stopping.signal.aborted) void end(0);
  };
  onStop(stop);
  process.on('SIGHUP', stop);
  // Who read our output may be gone; that is no reason to leave the parts behind.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  // Without us nobody starts a part again: no fault of ours is worth leaving them.
  process.on('unhandledRejection', (error) => console.error(error));
}

async function end(exitCode: number): Promise<never> {
  stopping.abort();
  await stack?.stop().catch((error) => console.error(error));
  await Promise.allSettled([building]);
  folder?.release();
  process.exit(exitCode);
}
