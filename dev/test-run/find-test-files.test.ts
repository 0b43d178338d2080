import { describe, expect, it } from 'bun:test';
import { join } from 'node:path';
import { findTestFiles, weightOf } from './find-test-files.ts';

const root = join(import.meta.dir, '../..');

describe('weightOf', () => {
  it.each([
    ['light', 'packages/a.test.ts', "import { it } from 'bun:test';\n"],
    ['stack', 'dev/a.test.ts', 'const stack = await testStack({});\n'],
    ['stack', 'e2e/a.test.ts', "import { it } from 'bun:test';\n"],
    ['browser', 'e2e/a.test.ts', "import { browser as launch } from '../dev/testing/browser.ts';\n"],
    ['browser', 'packages/a.test.ts', "import {\n  browser,\n} from '../dev/testing/browser.ts';\n"],
    ['alone', 'e2e/a.test.ts', "// Runs alone: it holds a message to a second.\nimport { it } from 'bun:test';\n"],
    ['waiting', 'e2e/a.test.ts', "// Mostly waits: for tokens to end.\nimport { it } from 'bun:test';\n"],
    ['light', 'packages/a.test.ts', "it('says // Runs alone: in the middle', () => {});\n"],
  ] as const)('is %s for %s with %p', (weight, path, text) => {
    expect(weightOf(path, text)).toBe(weight);
  });
});

describe('findTestFiles', () => {
  it('finds by parts of paths, each file once, sorted', async () => {
    const files = await findTestFiles(root, ['e2e/send', 'e2e/login', 'e2e/lo']);
    expect(files).toEqual([
      { path: 'e2e/login.test.ts', weight: 'browser' },
      { path: 'e2e/send-message.test.ts', weight: 'alone' },
    ]);
  });

  it('refuses what no path contains, also beside what one does', async () => {
    await expect(findTestFiles(root, ['e2e/login', 'tpyo'])).rejects.toThrow('No test file matches tpyo.');
  });
});
