import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

export interface SourceFile {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

const skippedFolders = new Set(['node_modules', 'dist']);
/** An operator's, which git ignores. */
const isSettings = (name: string): boolean => /^\.env(\.|$)/.test(name) && name !== '.env.example';

/** Every file below the root whose name ends so, without what is installed, built, hidden or an operator's. */
export async function readSourceFiles(root: string, endings: readonly string[]): Promise<readonly SourceFile[]> {
  const isWanted = (name: string) => !isSettings(name) && endings.some((ending) => name.endsWith(ending));
  const paths = await walk(root, isWanted);
  const read = async (path: string) => ({
    path: relative(root, path).replaceAll('\\', '/'),
    text: await readFile(path, 'utf8'),
  });
  return await Promise.all(paths.sort().map(read));
}

async function walk(folder: string, isWanted: (name: string) => boolean): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = entries.map(async (entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return isWanted(entry.name) ? [path] : [];
    const skipped = skippedFolders.has(entry.name) || (entry.name.startsWith('.') && entry.name !== '.ci');
    return skipped ? [] : await walk(path, isWanted);
  });
  return (await Promise.all(found)).flat();
}
