import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from './digest.ts';
import { StartError } from './start-error.ts';

const sources = ['web', 'packages/contract', 'bun.lock'];

/** Whether `web/dist` was built from the sources, the contract and the lockfile that are there now. */
export async function isWebBuilt(root: string): Promise<boolean> {
  const built = await readFile(join(root, 'web/dist/.hash'), 'utf8').catch(() => undefined);
  return built === (await digestOf(root, sources));
}

/** Builds the web client and puts it in the place of `web/dist` when it is whole. */
export async function buildWeb(root: string, signal: AbortSignal): Promise<void> {
  const web = join(root, 'web');
  const vite = join(web, 'node_modules/.bin/vite');
  if (!existsSync(vite)) {
    throw new StartError(
      `The build tool vite is missing (${vite}).`,
      'Install the packages again: `bun install --frozen-lockfile`.',
    );
  }
  const digest = await digestOf(root, sources);
  // A folder of this process, where no tool looks: two copies that start at once must not write into one.
  const draft = `node_modules/.dist-${process.pid}`;
  try {
    await runVite(web, draft, signal);
    await writeFile(join(web, draft, '.hash'), digest);
    await replaceFolder(join(web, draft), join(web, 'dist'));
  } finally {
    await rm(join(web, draft), { recursive: true, force: true });
  }
}

async function runVite(web: string, draft: string, signal: AbortSignal): Promise<void> {
  const vite = Bun.spawn([process.execPath, '--bun', 'vite', 'build', '--outDir', draft, '--emptyOutDir'], {
    cwd: web,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: 'production' },
    signal,
  });
  const [output, errors, exitCode] = await Promise.all([
    new Response(vite.stdout).text(),
    new Response(vite.stderr).text(),
    vite.exited,
  ]);
  signal.throwIfAborted();
  if (exitCode === 0) return;
  const lines = `${output}\n${errors}`.trim().split('\n').slice(-15).join('\n    ');
  throw new StartError(
    `The web client could not be built:\n    ${lines}`,
    'See it whole with `cd web && bun run build`.',
  );
}

async function replaceFolder(from: string, to: string): Promise<void> {
  const old = `${from}-old`;
  await rename(to, old).catch(() => {});
  await rename(from, to).catch(async (error) => {
    // Another copy was quicker with the same build.
    if (!existsSync(to)) throw error;
  });
  await rm(old, { recursive: true, force: true });
}
