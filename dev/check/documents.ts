import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { problems } from '@chatapp/contract/problem';
import type { Check } from './check.ts';
import { readSourceFiles, type SourceFile } from './source-files.ts';

export const documents: Check = {
  name: 'documents',
  mend: 'Mend the page: it must name what is there.',
  run: async (root) => {
    const pages = await readSourceFiles(root, ['.md']);
    const isThere = (path: string) => existsSync(join(root, path));
    const problemsPage = pages.find(({ path }) => path === 'docs/problems.md')?.text ?? '';
    return [
      ...pages.flatMap((page) => pageFaults(page, pages, isThere)),
      ...problemFaults(problemsPage),
      ...(await unfinished(root)),
    ];
  },
};

/** What is wrong with one page: dead links, files that are not there, journey steps that name none. */
export function pageFaults(
  page: SourceFile,
  pages: readonly SourceFile[],
  isThere: (path: string) => boolean,
): readonly string[] {
  const names = /^docs\/(architecture\.md|journeys\/)/.test(page.path) ? namedFiles(page.text) : [];
  return [
    ...linkFaults(page, pages, isThere),
    ...names.filter((name) => !isThere(name)).map((name) => `${page.path} names ${name}, which is not there`),
    ...(page.path.startsWith('docs/journeys/') ? stepFaults(page) : []),
  ];
}

/** Where docs/problems.md and the closed list of codes differ. */
export function problemFaults(text: string): readonly string[] {
  const rows = [...text.matchAll(/^\| (\d{3}) +\| `([a-z-]+)` +\|/gm)].map(([, status, code]) => `${status} ${code}`);
  const defined = Object.entries(problems).map(([code, { status }]) => `${status} ${code}`);
  return [
    ...defined.filter((row) => !rows.includes(row)).map((row) => `docs/problems.md lacks ${row}`),
    ...rows.filter((row) => !defined.includes(row)).map((row) => `docs/problems.md has ${row}, which is no problem`),
  ];
}

const folders = 'apps|packages|web|dev|e2e|chaos|bench|docs';

/** Paths from the root in code spans: `apps/bff/src/main.ts`, `dev/issuer/`. */
function namedFiles(text: string): readonly string[] {
  const pattern = new RegExp(`\`((?:${folders})/[\\w./-]*)\``, 'g');
  return [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))];
}

function stepFaults({ path, text }: SourceFile): readonly string[] {
  // A step runs to the next one, or to the heading after the list.
  const steps = text.split(/^(?=\d+\. |#)/m).filter((part) => /^\d+\. /.test(part));
  const nameless = steps.filter((step) => namedFiles(step).length === 0);
  return nameless.map((step) => `${path}: a step names no file: ${step.slice(0, 70).trim()}`);
}

function linkFaults(
  { path, text }: SourceFile,
  pages: readonly SourceFile[],
  isThere: (path: string) => boolean,
): string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [file = '', anchor] = target.split('#');
      const to = file === '' ? path : join(dirname(path), file);
      const linked = pages.find((page) => page.path === to);
      return !isThere(to) || (anchor !== undefined && linked !== undefined && !anchorsOf(linked.text).includes(anchor));
    })
    .map((target) => `${path} links to ${target}, which is not there`);
}

/** The anchors that a page's headings make. */
function anchorsOf(text: string): readonly string[] {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Notes to oneself belong into an issue. */
async function unfinished(root: string): Promise<readonly string[]> {
  const files = await readSourceFiles(root, ['.ts', '.tsx', '.md', '.sql', '.css', '.html', '.yaml', '.toml']);
  const mark = new RegExp(`\\b(${['TO', 'FIX'].map((start) => start + (start === 'TO' ? 'DO' : 'ME')).join('|')})\\b`);
  return files.filter(({ text }) => mark.test(text)).map(({ path, text }) => `${path} says ${mark.exec(text)?.[0]}`);
}
