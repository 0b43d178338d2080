import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from './digest.ts';
import { step } from './progress.ts';
import { StartError } from './start-error.ts';

/** What says which packages there are to be; the lockfile holds the path of a patch, not its content. */
const sources = ['bun.lock', 'package.json', 'bunfig.toml', 'patches'];
/** A registry that takes longer is not reachable. */
const limitMs = 300_000;

/** Whether the installed packages are those of the lockfile, with the patches as they are now. */
export async function isInstalled(root: string): Promise<boolean> {
  const installed = await readFile(stampOf(root), 'utf8').catch(() => undefined);
  return installed === (await digestOf(root, sources));
}

/** Installs the packages where they are not those. */
export async function ensureInstalled(
  root: string,
  { signal, say }: { signal?: AbortSignal; say?: (line: string) => void } = {},
): Promise<void> {
  if (!(await isInstalled(root))) await step('installing the packages', () => install(root, signal), say);
}

/** Installs the packages of the lockfile, exactly. */
export async function install(root: string, signal = AbortSignal.timeout(limitMs)): Promise<void> {
  const bun = Bun.spawn([process.execPath, 'install', '--frozen-lockfile'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  const [output, errors, exitCode] = await Promise.all([
    new Response(bun.stdout).text(),
    new Response(bun.stderr).text(),
    bun.exited,
  ]);
  signal.throwIfAborted();
  if (exitCode !== 0) {
    const lines = `${output}\n${errors}`.trim().split('\n').slice(-6).join('\n    ');
    throw new StartError(
      `The packages could not be installed:\n    ${lines}`,
      'Is the package registry reachable from here? See it whole with `bun install --frozen-lockfile`.',
    );
  }
  await writeFile(stampOf(root), await digestOf(root, sources));
}

const stampOf = (root: string): string => join(root, 'node_modules', '.chatapp-installed');
