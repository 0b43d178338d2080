import { afterAll, describe, expect, it } from 'bun:test';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildWeb, isWebBuilt } from '../../dev/web-build.ts';
import { firstScriptBytes } from './first-script.ts';

const root = join(import.meta.dir, '../..');
const folder = await mkdtemp(join(tmpdir(), 'chatapp-dist-'));
afterAll(() => rm(folder, { recursive: true }));

describe('firstScriptBytes', () => {
  it('counts the script, what it asks for at once and what they import, each once, and no dialog', async () => {
    const scripts = {
      'index.js': 'import { a } from "./a.js"; const shell = import("./shell.js"); console.log(a, shell);',
      'shell.js': 'import { a } from "./a.js"; export const open = () => import("./dialog.js"); console.log(a);',
      'a.js': 'export const a = 1;',
      'dialog.js': 'export const dialog = 2;',
    };
    await mkdir(join(folder, 'assets'));
    await writeFile(join(folder, 'index.html'), '<script type="module" src="/assets/index.js"></script>');
    for (const [name, code] of Object.entries(scripts)) await writeFile(join(folder, 'assets', name), code);
    const { 'dialog.js': _, ...first } = scripts;
    const expected = Object.values(first).reduce((sum, code) => sum + gzipSync(code).byteLength, 0);
    expect(await firstScriptBytes(folder)).toBe(expected);
  });
});

describe('the first script', () => {
  it('is at most 60 KB, gzip', async () => {
    if (!(await isWebBuilt(root))) await buildWeb(root, AbortSignal.timeout(110_000));
    expect(await firstScriptBytes(join(root, 'web/dist'))).toBeLessThanOrEqual(60 * 1024);
  }, 120_000);
});
