import { posix } from 'node:path';
import type { SourceFile } from './source-files.ts';

export interface Import {
  /** Where it leads: a path from the root (`apps/bff/src/app.ts`, `packages/contract/limits`), or the name of an npm package. */
  readonly target: string;
  /** Whether it is there at run time; false for types alone. */
  readonly runtime: boolean;
}

/** What a file imports: at run time by Bun's own scanner, types by their text. */
export function importsOf({ path, text }: SourceFile): readonly Import[] {
  const transpiler = new Bun.Transpiler({ loader: path.endsWith('x') ? 'tsx' : 'ts' });
  const runtime = transpiler.scanImports(text).map((found) => found.path);
  const types = [...text.matchAll(/^\s*(?:import|export)\s+type\b[^;'"]*?\bfrom\s*['"]([^'"]+)['"]/gm)].map(
    ([, specifier = '']) => specifier,
  );
  return [
    ...runtime.map((specifier) => ({ target: targetOf(path, specifier), runtime: true })),
    ...types.map((specifier) => ({ target: targetOf(path, specifier), runtime: false })),
  ];
}

const workspaces: Record<string, string> = {
  contract: 'packages/contract',
  resilience: 'packages/resilience',
  service: 'packages/service',
  bff: 'apps/bff',
  conversations: 'apps/conversations',
  messages: 'apps/messages',
  realtime: 'apps/realtime',
  web: 'web',
};

function targetOf(path: string, specifier: string): string {
  if (specifier.startsWith('.')) return posix.normalize(posix.join(posix.dirname(path), specifier));
  const [, workspace = '', rest = ''] = /^@chatapp\/([^/]+)\/?(.*)$/.exec(specifier) ?? [];
  const folder = workspaces[workspace];
  return folder ? posix.join(folder, rest) : specifier;
}
