import { describe, expect, it } from 'bun:test';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from './digest.ts';
import { temporaryFolder } from './testing/temporary.ts';

describe('digestOf', () => {
  it('changes with a content, a name and a new file, but not with what was built or installed', async () => {
    const root = temporaryFolder('digest');
    await mkdir(join(root, 'web/src'), { recursive: true });
    await mkdir(join(root, 'web/dist'));
    await writeFile(join(root, 'web/src/main.ts'), 'one');
    const seen = [await digestOf(root, ['web', 'bun.lock'])];
    const look = async () => seen.push(await digestOf(root, ['web', 'bun.lock']));

    await writeFile(join(root, 'web/dist/index.html'), 'built');
    await look();
    expect(seen[1]).toBe(seen[0]);

    await writeFile(join(root, 'web/src/main.ts'), 'two');
    await look();
    await rename(join(root, 'web/src/main.ts'), join(root, 'web/src/app.ts'));
    await look();
    await writeFile(join(root, 'bun.lock'), '{}');
    await look();
    expect(new Set(seen.slice(1)).size).toBe(4);
  });
});
