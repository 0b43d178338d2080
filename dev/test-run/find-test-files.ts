import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/**
 * What a file needs of the machine. `light`: a part or two. `stack`: the whole product. `browser`: the whole product and a browser, or a browser.
 * `alone`: nobody beside it; its first lines say `Runs alone:` and why. `waiting`: it does next to nothing, so that it disturbs not even those; its first lines say
 * `Mostly waits:` and for what.
 */
export type Weight = 'light' | 'stack' | 'browser' | 'alone' | 'waiting';

export interface TestFile {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly weight: Weight;
}

const skippedFolders = new Set(['node_modules', 'dist']);

/** All test files whose path contains one of the patterns (all without patterns), by path. A pattern that none contains is refused. */
export async function findTestFiles(root: string, patterns: readonly string[]): Promise<readonly TestFile[]> {
  const paths = (await walk(root)).map((path) => relative(root, path).replaceAll('\\', '/')).sort();
  const unmatched = patterns.filter((pattern) => !paths.some((path) => path.includes(pattern)));
  if (unmatched.length > 0) throw new Error(`No test file matches ${unmatched.join(', ')}.`);
  const wanted = paths.filter((path) => patterns.length === 0 || patterns.some((pattern) => path.includes(pattern)));
  return await Promise.all(
    wanted.map(async (path) => ({ path, weight: weightOf(path, await readFile(join(root, path), 'utf8')) })),
  );
}

/** The weight of a test file, by its path and text. */
export const weightOf = (path: string, text: string): Weight => {
  if (/^\/\/ Runs alone:/m.test(text)) return 'alone';
  if (/^\/\/ Mostly waits:/m.test(text)) return 'waiting';
  if (/^(?:import|\}) .*\/browser\.ts';$/m.test(text)) return 'browser';
  return path.startsWith('e2e/') || /\b(?:testStack|runFaults)\(/.test(text) ? 'stack' : 'light';
};

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
