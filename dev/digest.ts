import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

const leftOut = new Set(['node_modules', 'dist', '.git']);

/** A digest over the names and contents of files, and of all files in folders; what is absent counts as absent. */
export async function digestOf(root: string, paths: readonly string[]): Promise<string> {
  const hash = new Bun.CryptoHasher('sha256');
  for (const path of paths) {
    for (const file of await filesIn(join(root, path))) {
      hash.update(`${relative(root, file)}\0`);
      hash.update(await readFile(file));
    }
  }
  return hash.digest('hex');
}

async function filesIn(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    const kept = entries.filter(({ name }) => !leftOut.has(name) && !name.endsWith('.tsbuildinfo'));
    const nested = await Promise.all(kept.map((entry) => filesIn(join(path, entry.name))));
    return nested.flat().sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR') return [path];
    if (code === 'ENOENT') return [];
    throw error;
  }
}
