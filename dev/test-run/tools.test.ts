import { describe, expect, it } from 'bun:test';
import { join } from 'node:path';
import { isNeeded } from './tools.ts';

describe('a tool that cannot be had', () => {
  it.each([
    { isOptional: false, inCi: false, needed: true },
    { isOptional: true, inCi: false, needed: false },
    { isOptional: false, inCi: true, needed: true },
    { isOptional: true, inCi: true, needed: true },
  ])('keeps the tests from running: %o', ({ isOptional, inCi, needed }) => {
    expect(isNeeded({ isOptional }, inCi)).toBe(needed);
  });
});

describe('.ci/run', () => {
  it('says that it is CI wherever it is called, so that proofs have the size of CI and nothing is skipped', async () => {
    const script = await Bun.file(join(import.meta.dir, '../../.ci/run')).text();
    const [setting = ''] = script.match(/^export CI=.*$/m) ?? [];
    for (const [given, seen] of [
      [undefined, 'true'],
      ['', 'true'],
      ['1', '1'],
    ]) {
      const { stdout } = Bun.spawnSync(['bash', '-c', `${setting}; printf %s "$CI"`], { env: { CI: given } });
      expect(String(stdout)).toBe(seen ?? '');
    }
  });
});
