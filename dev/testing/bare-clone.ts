import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from './temporary.ts';

const root = join(import.meta.dir, '../..');

/** A copy of what surrounds the product, without packages, and where none can be installed: its manifest names a workspace that is not there. */
export async function bareClone(): Promise<string> {
  const clone = temporaryFolder('clone');
  for (const folder of ['dev', 'chaos', 'bench'])
    await cp(join(root, folder), join(clone, folder), { recursive: true });
  await writeFile(join(clone, 'package.json'), '{ "name": "chatapp", "workspaces": ["gone"] }');
  return clone;
}
