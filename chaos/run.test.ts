import { describe, expect, it } from 'bun:test';
import { join } from 'node:path';
import { bareClone } from '../dev/testing/bare-clone.ts';
import { temporaryFolder } from '../dev/testing/temporary.ts';

const run = (root: string, env: Record<string, string | undefined>) => {
  const { exitCode, stdout, stderr } = Bun.spawnSync([process.execPath, 'chaos/run.ts', '--short'], { cwd: root, env });
  return { exitCode, last: stdout.toString().trimEnd().split('\n').at(-1), errors: stderr.toString() };
};

describe('bun run chaos', () => {
  it('keeps its last line where the packages are missing and cannot be installed', async () => {
    const { exitCode, last, errors } = run(await bareClone(), process.env);
    expect({ exitCode, last }).toEqual({ exitCode: 1, last: '0 passed, 1 failed, 0 skipped' });
    expect(errors).toContain('The packages could not be installed');
  });

  it('says what to do where there is no redis-server', () => {
    const { last, errors } = run(join(import.meta.dir, '..'), { ...process.env, PATH: temporaryFolder('chaos') });
    expect(last).toBe('0 passed, 1 failed, 0 skipped');
    expect(errors).toContain('apt-get install redis-server');
  });
});
