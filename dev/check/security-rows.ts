import { dirname, join, normalize } from 'node:path';
import type { Check } from './check.ts';
import { readSourceFiles, type SourceFile } from './source-files.ts';

const page = 'docs/security.md';

/** The rows of the security checklist that docs/security.md promises: S1 to S27, and those on sockets, output, limits and operation. */
const rows: readonly string[] = [...range(1, 27), 31, 32, 37, 38, ...range(42, 48)].map((number) => `S${number}`);

export const securityRows: Check = {
  name: 'security rows tested',
  mend: `Each row of ${page} links a test file in which a test's name begins with the row ("S17: …").`,
  run: async (root) => {
    const text = await Bun.file(join(root, page)).text();
    return rowFaults(text, rowsByFile(await readSourceFiles(root, ['.test.ts', '.test.tsx'])));
  },
  measure: async (root) => {
    const tested = new Set([...rowsByFile(await readSourceFiles(root, ['.test.ts', '.test.tsx'])).values()].flat());
    return `${rows.filter((row) => tested.has(row)).length} of ${rows.length}`;
  },
};

/** The rows that stand at the beginning of tests' names, by file: `it('S1, S2: refuses …')`. */
export function rowsByFile(files: readonly SourceFile[]): ReadonlyMap<string, readonly string[]> {
  const rowsOf = (text: string) =>
    [...text.matchAll(/\b(?:it|each)\b[^;]*?\(\s*['"`](S\d+(?:, S\d+)*): /g)].flatMap(([, names = '']) =>
      names.split(', '),
    );
  return new Map(files.map(({ path, text }) => [path, rowsOf(text)]));
}

/** Where the page and the tests differ: a row that the page lacks, that links no test, or whose linked tests do not bear its number. */
export function rowFaults(text: string, tested: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const promised = new Map([...text.matchAll(/^\| (S\d+) +\|(.+)$/gm)].map(([, row = '', rest = '']) => [row, rest]));
  const missing = rows.filter((row) => !promised.has(row)).map((row) => `${page} says nothing of ${row}`);
  const unproved = [...promised].flatMap(([row, rest]) => {
    const links = [...rest.matchAll(/\]\(([^)\s#]+\.test\.tsx?)\)/g)].map(([, to = '']) =>
      normalize(join(dirname(page), to)),
    );
    if (links.length === 0) return [`${page}: ${row} links no test`];
    return links
      .filter((path) => !tested.get(path)?.includes(row))
      .map((path) => `${page}: no test of ${row} is in ${path}`);
  });
  return [...missing, ...unproved];
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
