import { join } from 'node:path';
import type { Check } from './check.ts';
import { readSourceFiles, type SourceFile } from './source-files.ts';

export const environment: Check = {
  name: 'environment',
  mend: 'Make .env.example name each variable that a config file, dev/ or compose.yaml reads, with its default; and no other.',
  run: async (root) => {
    const example = await Bun.file(join(root, '.env.example')).text();
    const compose = await Bun.file(join(root, 'compose.yaml')).text();
    const files = await readSourceFiles(root, ['.ts']);
    return exampleFaults(example, [
      ...[...(await settingsByApp(root)).values()].flat(),
      ...variablesRead(files),
      ...variablesHanded(compose),
    ]);
  },
};

export interface Variable {
  readonly name: string;
  /** As text; undefined where none is known. */
  readonly default?: string | undefined;
}

/** Where `.env.example` and the variables that are read differ. A default must be that of one reader at least: each has its own PORT. */
export function exampleFaults(example: string, variables: readonly Variable[]): readonly string[] {
  const shown = new Map(
    [...example.matchAll(/^(?:# ?)?([A-Z][A-Z0-9_]+)=(.*)$/gm)].map(([, name = '', value]) => [name, value]),
  );
  const names = new Set(variables.map(({ name }) => name));
  const wrong = [...shown].filter(([name, value]) => {
    const defaults = new Set(
      variables.filter((variable) => variable.name === name).map((variable) => variable.default),
    );
    defaults.delete(undefined);
    // Left empty where each reader has its own.
    return defaults.size > 0 && !defaults.has(value) && !(defaults.size > 1 && value === '');
  });
  return [
    ...[...names].filter((name) => !shown.has(name)).map((name) => `.env.example does not name ${name}`),
    ...[...shown.keys()]
      .filter((name) => !names.has(name))
      .map((name) => `.env.example names ${name}, which nothing reads`),
    ...wrong.map(([name]) => `.env.example shows another default of ${name} than its config file`),
  ].sort();
}

/** The settings of each app, as its config file exports them. */
export async function settingsByApp(root: string): Promise<ReadonlyMap<string, readonly Variable[]>> {
  const paths = await Array.fromAsync(new Bun.Glob('apps/*/src/config.ts').scan(root));
  const apps = paths.map(async (path) => {
    const { settings } = (await import(join(root, path))) as { settings: object };
    return [path.split('/')[1] ?? '', Object.values(settings) as Variable[]] as const;
  });
  return new Map(await Promise.all(apps));
}

/** Told by the machine or by our own runner, rather than set for ChatApp. */
const given = new Set(['CI', 'PATH', 'HOME', 'TMPDIR', 'NODE_ENV', 'TEST_POSTGRES_URL']);

/** Variables that dev/ reads by name: `env.NAME`, and in its settings files `text('NAME')`. */
export function variablesRead(files: readonly SourceFile[]): readonly Variable[] {
  const own = files.filter(({ path }) => /^dev\//.test(path) && !/\.test\.ts$|^dev\/(testing|check)\//.test(path));
  const patterns = [/\benv\.([A-Z][A-Z0-9_]+)\b/g, /\b(?:text|integer|origin|wholeNumber)\(\s*'([A-Z][A-Z0-9_]+)'/g];
  const names = own.flatMap(({ text }) =>
    patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, name = '']) => name)),
  );
  return [...new Set(names)].filter((name) => !given.has(name)).map((name) => ({ name }));
}

/** Variables that compose.yaml hands on, under their own name or another. */
const variablesHanded = (compose: string): readonly Variable[] =>
  [...compose.matchAll(/\$\{([A-Z_]+)/g)].map(([, name = '']) => ({ name })).filter(({ name }) => !given.has(name));
