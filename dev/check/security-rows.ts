import { dirname, join, normalize } from 'node:path';
import type { Check } from './check.ts';
import { readSourceFiles, type SourceFile } from './source-files.ts';

const page = 'docs/security.md';

/** The rows of the security checklist that docs/security.md promises. */
const rows: readonly string[] = range(1, 48).map((number) => `S${number}`);

export const securityRows: Check = {
  name: 'security rows tested',
  mend: `Each row of ${page} links a test file in which a test's name begins with the row ("S17: …") and no test is left out.`,
  run: async (root) => {
    const text = await Bun.file(join(root, page)).text();
    const files = await readSourceFiles(root, ['.test.ts', '.test.tsx']);
    return [...rowFaults(text, rowsByFile(files)), ...leftOutFaults(text, files)];
  },
  measure: async (root) => {
    const tested = new Set([...rowsByFile(await readSourceFiles(root, ['.test.ts', '.test.tsx'])).values()].flat());
    return `${rows.filter((row) => tested.has(row)).length} of ${rows.length}`;
  },
};

/** The rows that stand at the beginning of tests' names, by file: `it('S1, S2: refuses …')`. */
export function rowsByFile(files: readonly SourceFile[]): ReadonlyMap<string, readonly string[]> {
  const rowsOf = (code: string) =>
    [...code.matchAll(/\b(?:it|each)\b[^;]*?\(\s*['"`](S\d+(?:, S\d+)*): /g)].flatMap(([, names = '']) =>
      names.split(', '),
    );
  return new Map(files.map((file) => [file.path, rowsOf(codeOf(file))]));
}

/** Where a file that proves a row leaves tests out: by `skip`, `todo`, `only` or their like, of one test or of many. */
export function leftOutFaults(text: string, files: readonly SourceFile[]): readonly string[] {
  const linked = new Set(promises(text).flatMap(({ links }) => links));
  return files
    .filter(({ path }) => linked.has(path))
    .flatMap((file) => {
      const found =
        /\b(?:it|test|describe)\.(?:skip|todo|only|failing|if|skipIf|todoIf)\b|\bx(?:it|test|describe)\b/.exec(
          codeOf(file),
        );
      return found === null ? [] : [`${file.path}: ${found[0]} leaves out what ${page} says to be tested`];
    });
}

/** What runs of a file: without comments and types. */
function codeOf({ path, text }: SourceFile): string {
  return new Bun.Transpiler({ loader: path.endsWith('x') ? 'tsx' : 'ts' }).transformSync(text);
}

/** The rows of the page, each with the tests that it links. */
function promises(text: string): readonly { readonly row: string; readonly links: readonly string[] }[] {
  return [...text.matchAll(/^\| (S\d+) +\|(.+)$/gm)].map(([, row = '', rest = '']) => ({
    row,
    links: [...rest.matchAll(/\]\(([^)\s#]+\.test\.tsx?)\)/g)].map(([, to = '']) => normalize(join(dirname(page), to))),
  }));
}

/** Where the page and the tests differ: a row that the page lacks, that links no test, or whose linked tests do not bear its number. */
export function rowFaults(text: string, tested: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const promised = promises(text);
  const missing = rows
    .filter((name) => !promised.some(({ row }) => row === name))
    .map((row) => `${page} says nothing of ${row}`);
  const unproved = promised.flatMap(({ row, links }) => {
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
