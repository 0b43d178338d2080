import { describe, expect, it } from 'bun:test';
import { mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commitOf } from './commit.ts';
import { temporaryFolder } from './testing/temporary.ts';

const identity = ['-c', 'user.name=ann', '-c', 'user.email=ann@example.test'];

function repository(): string {
  const root = temporaryFolder('commit');
  mkdirSync(join(root, 'apps'));
  mkdirSync(join(root, 'docs'));
  Bun.spawnSync(['git', 'init'], { cwd: root });
  Bun.spawnSync(['git', ...identity, 'commit', '--allow-empty', '-m', 'start'], { cwd: root });
  return root;
}

describe('commitOf', () => {
  it.skipIf(Bun.which('git') === null)('marks a change to the paths, and no other', async () => {
    const root = repository();
    await writeFile(join(root, 'docs/page.md'), '');
    const clean = commitOf(root, ['apps']);
    expect(clean).toMatch(/^[0-9a-f]{7,}$/);
    await writeFile(join(root, 'apps/main.ts'), '');
    expect(commitOf(root, ['apps'])).toBe(`${clean}+`);
  });

  it('is unknown outside a repository', () => {
    expect(commitOf(temporaryFolder('commit'), ['apps'])).toBe('unknown');
  });

  it('is unknown where there is no git', () => {
    const program = `console.log((await import(${JSON.stringify(`${import.meta.dir}/commit.ts`)})).commitOf('.', []))`;
    const { stdout } = Bun.spawnSync([process.execPath, '-e', program], { env: { PATH: temporaryFolder('commit') } });
    expect(stdout.toString()).toBe('unknown\n');
  });
});
