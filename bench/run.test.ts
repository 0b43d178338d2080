import { describe, expect, it } from 'bun:test';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { bareClone } from '../dev/testing/bare-clone.ts';
import { temporaryFolder } from '../dev/testing/temporary.ts';

const root = join(import.meta.dir, '..');

function run(args: string[], { cwd = root, env = {} }: { cwd?: string; env?: Record<string, string> } = {}) {
  const command = [process.execPath, 'bench/run.ts', ...args];
  // As from a shell: what belongs to tests alone is not to run in it.
  const { exitCode, stderr } = Bun.spawnSync(command, { cwd, env: { ...process.env, NODE_ENV: '', ...env } });
  return { exitCode, errors: stderr.toString() };
}

/** A PATH with these programs alone, and no browser anywhere else. */
function onlyWith(...programs: string[]): Record<string, string> {
  const folder = temporaryFolder('bench-path');
  for (const name of programs) symlinkSync(Bun.which(name) ?? '', join(folder, name));
  return { PATH: folder, CHROME_PATH: join(folder, 'none'), PLAYWRIGHT_BROWSERS_PATH: folder };
}

const stack = /^\s+at .*\.ts:/m;

describe('bun run bench', () => {
  it('says so where the packages are missing and cannot be installed', async () => {
    const { exitCode, errors } = run([], { cwd: await bareClone() });
    expect(exitCode).toBe(1);
    expect(errors).toContain('The packages could not be installed');
    expect(errors).not.toMatch(stack);
  });

  it.each([
    ['redis-server', 'messages', []],
    ['nodejs', 'messages', ['redis-server']],
    ['chromium', 'web', ['redis-server', 'node']],
  ])('says how to install %s for %s', (missing, name, there) => {
    const { exitCode, errors } = run([name, '--quick'], { env: onlyWith(...there) });
    expect(exitCode).toBe(1);
    expect(errors).toContain(`apt-get install ${missing}`);
    expect(errors).not.toMatch(stack);
  });
});
