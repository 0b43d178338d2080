import { join } from 'node:path';
import type { Check } from './check.ts';
import { readSourceFiles, type SourceFile } from './source-files.ts';

export const environment: Check = {
  name: 'environment',
  mend: 'Make .env.example name each variable that a config file or dev/ reads: unit, default, who reads it; and no other.',
  run: async (root) => {
    const example = await Bun.file(join(root, '.env.example')).text();
    return exampleFaults(example, await readSourceFiles(root, ['.ts']));
  },
};

/** Where `.env.example` and the code that reads the environment differ. */
export function exampleFaults(example: string, files: readonly SourceFile[]): readonly string[] {
  const named = namesIn(example, /^(?:# ?)?([A-Z][A-Z0-9_]+)=/gm);
  const read = new Set(
    files.filter(({ path }) => readsEnvironment(path)).flatMap(({ text }) => [...variablesOf(text)]),
  );
  return [
    ...[...read].filter((name) => !named.has(name)).map((name) => `.env.example does not name ${name}`),
    ...[...named].filter((name) => !read.has(name)).map((name) => `.env.example names ${name}, which nothing reads`),
  ].sort();
}

const readsEnvironment = (path: string): boolean =>
  /^apps\/[^/]+\/src\/(config|main)\.ts$/.test(path) ||
  path === 'packages/service/common-settings.ts' ||
  (/^dev\//.test(path) && !/\.test\.ts$|^dev\/(testing|check)\//.test(path));

/** Told by the machine rather than set for ChatApp. */
const given = new Set(['CI', 'PATH', 'HOME', 'TMPDIR', 'NODE_ENV', 'TEST_POSTGRES_URL']);

/** `process.env.NAME`, and the name with which a setting is declared: `integer('NAME', …)`. */
function variablesOf(text: string): ReadonlySet<string> {
  const read = namesIn(text, /\benv\.([A-Z][A-Z0-9_]+)\b/g);
  const declared = namesIn(
    text,
    /\b(?:text|integer|boolean|origin|oneOf|urls?|httpUrls|wholeNumber)\(\s*'([A-Z][A-Z0-9_]+)'/g,
  );
  return new Set([...read, ...declared].filter((name) => !given.has(name)));
}

const namesIn = (text: string, pattern: RegExp): ReadonlySet<string> =>
  new Set([...text.matchAll(pattern)].map(([, name = '']) => name));
