import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Middleware } from './middleware.ts';
import { people } from './people.ts';

type Asset = { type: string; body: Buffer };

/** Serves what the pages need, from this folder, and the web client's font when it is installed. */
export async function serveAssets(): Promise<Middleware> {
  const assets = await loadAssets();
  return async (ctx, next) => {
    const asset = ctx.method === 'GET' ? assets.get(ctx.path) : undefined;
    if (!asset) return next();
    ctx.set('Cache-Control', 'max-age=3600');
    ctx.type = asset.type;
    ctx.body = asset.body;
  };
}

async function loadAssets(): Promise<ReadonlyMap<string, Asset>> {
  const assets = new Map<string, Asset>();
  const hues = people.map((person) => `.hue-${person.hue} { --hue: ${person.hue}; }\n`).join('');
  const look = await readFile(join(import.meta.dir, 'look.css'), 'utf8');
  assets.set('/assets/look.css', { type: 'text/css; charset=utf-8', body: Buffer.from(look + hues) });
  assets.set('/assets/mark.svg', { type: 'image/svg+xml', body: await readFile(join(import.meta.dir, 'mark.svg')) });
  const font = webFontPath();
  if (font) assets.set('/assets/inter.woff2', { type: 'font/woff2', body: await readFile(font) });
  return assets;
}

/** The font file of the web client; undefined where only the issuer is installed, and the system's font serves. */
function webFontPath(): string | undefined {
  try {
    return Bun.resolveSync(
      '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2',
      join(import.meta.dir, '../../web'),
    );
  } catch {
    return undefined;
  }
}
