import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/**
 * What a browser loads of the built client before it can show a conversation, in bytes of gzip: the page's script, what that asks for at once, and all
 * that these import. Dialogs come later, each when it is opened.
 */
export const firstScriptBytes = async (distDir: string): Promise<number> => {
  const page = await readFile(join(distDir, 'index.html'), 'utf8');
  const [, entry] = /<script[^>]*\bsrc="\/([^"]+)"/.exec(page) ?? [];
  if (entry === undefined) throw new Error('the page has no script');
  let bytes = 0;
  const known = new Set([entry]);
  for (const path of known) {
    const code = await readFile(join(distDir, path), 'utf8');
    bytes += gzipSync(code).byteLength;
    const imports = new Bun.Transpiler({ loader: 'js' }).scanImports(code);
    const needed = imports.filter(({ kind }) => kind === 'import-statement' || path === entry);
    for (const imported of needed) known.add(join(path, '..', imported.path));
  }
  return bytes;
};
