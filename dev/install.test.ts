import { describe, expect, it } from 'bun:test';
import { mkdirSync, rmSync } from 'node:fs';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { install, isInstalled } from './install.ts';
import { temporaryFolder } from './testing/temporary.ts';
import { buildWeb } from './web-build.ts';

const { signal } = new AbortController();

const patch = 'patches/driver@1.0.0.patch';

/** A project with one workspace and no package from elsewhere, with its lockfile and nothing installed. */
async function lockedProject(): Promise<string> {
  const root = temporaryFolder('install');
  mkdirSync(join(root, 'part'));
  await writeFile(join(root, 'part/package.json'), '{ "name": "part", "version": "1.0.0" }');
  await writeManifest(root, { part: 'workspace:*' });
  mkdirSync(join(root, 'patches'));
  await writeFile(join(root, patch), '');
  await writeFile(join(root, 'bunfig.toml'), '[install]\n');
  Bun.spawnSync([process.execPath, 'install'], { cwd: root });
  rmSync(join(root, 'node_modules'), { recursive: true });
  return root;
}

const writeManifest = (root: string, dependencies: Record<string, string>): Promise<void> =>
  writeFile(join(root, 'package.json'), JSON.stringify({ name: 'whole', workspaces: ['part'], dependencies }));

describe('install', () => {
  it.each(['bun.lock', 'package.json', 'bunfig.toml', patch])('is not repeated until %s changes', async (path) => {
    const root = await lockedProject();
    expect(await isInstalled(root)).toBe(false);
    await install(root, signal);
    expect(await isInstalled(root)).toBe(true);
    await appendFile(join(root, path), '\n');
    expect(await isInstalled(root)).toBe(false);
  });

  it('refuses a manifest that the lockfile does not fit', async () => {
    const root = await lockedProject();
    await writeFile(join(root, 'part/package.json'), '{ "name": "renamed", "version": "1.0.0" }');
    await writeManifest(root, { renamed: 'workspace:*' });
    await expect(install(root, signal)).rejects.toThrow('lockfile is frozen');
    expect(await isInstalled(root)).toBe(false);
  });
});

describe('buildWeb', () => {
  it('names the build tool when it is missing', async () => {
    await expect(buildWeb(temporaryFolder('web'), signal)).rejects.toThrow('The build tool vite is missing');
  });
});
