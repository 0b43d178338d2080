import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

export interface TestFile {
  /** From the root, with forward slashes. */
  readonly path: string;
  /** Runs the whole product or a browser: alone and last, or it would starve the others and itself. */
  readonly heavy: boolean;
}

const skippedFolders = new Set(['node_modules', 'dist']);

/** All test files whose path contains one of the patterns (all without patterns), heavy ones last. */
export async function findTestFiles(root: string, patterns: readonly string[]): Promise<readonly TestFile[]> {
  const paths = (await walk(root)).map((path) => relative(root, path).replaceAll('\\', '/')).sort();
  const wanted = paths.filter((path) => patterns.length === 0 || patterns.some((pattern) => path.includes(pattern)));
  const files = await Promise.all(wanted.map(async (path) => ({ path, heavy: await isHeavy(root, path) })));
  return [...files.filter(({ heavy }) => !heavy), ...files.filter(({ heavy }) => heavy)];
}

async function walk(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = entries.map(async (entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return entry.name.startsWith('.') || skippedFolders.has(entry.name) ? [] : await walk(path);
    return /\.test\.tsx?$/.test(entry.name) ? [path] : [];
  });
  return (await Promise.all(found)).flat();
}

async function isHeavy(root: string, path: string): Promise<boolean> {
  if (path.startsWith('e2e/')) return true;
  return /\b(?:testStack|browser|runFaults)\(/.test(await readFile(join(root, path), 'utf8'));
}
