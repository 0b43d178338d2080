import { describe, expect, it } from 'bun:test';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { claimDataFolder } from './data-folder.ts';
import { temporaryFolder } from './testing/temporary.ts';

describe('claimDataFolder', () => {
  it('lets one copy in at a time', async () => {
    const path = join(temporaryFolder('data'), 'nested/data');
    const first = await claimDataFolder(path);
    await expect(claimDataFolder(path)).rejects.toThrow(
      `Another copy of ChatApp is running on the data folder ${path}`,
    );
    first.release();
    (await claimDataFolder(path)).release();
  });

  it('is free again when its holder was killed', async () => {
    const path = temporaryFolder('data');
    const holder = Bun.spawn(
      [
        process.execPath,
        '-e',
        `const { claimDataFolder } = await import(${JSON.stringify(join(import.meta.dir, 'data-folder.ts'))});
         globalThis.held = await claimDataFolder(${JSON.stringify(path)});
         console.log('held');
         setInterval(() => {}, 1000);`,
      ],
      { stdout: 'pipe' },
    );
    await holder.stdout.getReader().read();
    await expect(claimDataFolder(path)).rejects.toThrow('Another copy');
    holder.kill('SIGKILL');
    await holder.exited;
    (await claimDataFolder(path)).release();
  });

  it('names a folder that cannot be written', async () => {
    const file = join(temporaryFolder('data'), 'file');
    await writeFile(file, '');
    await expect(claimDataFolder(join(file, 'data'))).rejects.toThrow(`${file}/data cannot be written`);
  });
});
