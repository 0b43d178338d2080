import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { ProblemError } from '@chatapp/service/problem';
import { Elysia } from 'elysia';
import { urlOf } from '../access/request-url.ts';

/** A file of the built client, in memory: all of it is about a megabyte. Packed forms are made when first asked for. */
interface Asset {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
  readonly etag: string;
  readonly packed: Map<Encoding, Uint8Array<ArrayBuffer>>;
}

type Encoding = 'br' | 'gzip';

export interface WebParts {
  /** The folder that the web client was built into. */
  readonly folder: string;
  readonly pagePolicy: string;
}

/** Paths that belong to machines: nothing below them is ever a page. Nor is one with an empty part, which others may read as a host. */
const notPages = /^\/(api|bff|internal|health|metrics|swagger|realtime|assets)(\/|$)|\/\//;

export const mayBePage = (pathname: string): boolean => !notPages.test(pathname);

/** The pages of the web client (web/src/ui/route.ts): nothing open, a conversation, an invitation. */
const pages = /^\/(c\/[^/]+|invite\/[^/]*\/?)?$/;

/**
 * Serves the web client: files as they are, and its index for every other path that could be a page of it. Where it has no such page the status is 404
 * all the same: who tries names finds nothing.
 */
export const serveWeb = ({ folder, pagePolicy }: WebParts) => {
  let loaded: { assets: ReadonlyMap<string, Asset>; builtAt: number } | undefined;

  /** Looks whether there is another build only when a page is opened. */
  const assets = async (fresh: boolean): Promise<ReadonlyMap<string, Asset>> => {
    if (loaded && !fresh) return loaded.assets;
    const builtAt = await stat(join(folder, 'index.html')).then(
      (file) => file.mtimeMs,
      () => -1,
    );
    if (loaded?.builtAt !== builtAt) loaded = { assets: builtAt < 0 ? new Map() : await loadAssets(folder), builtAt };
    return loaded.assets;
  };

  const answer = async (request: Request): Promise<Response> => {
    const { pathname } = urlOf(request);
    const isFile = /\.\w+$/.test(pathname);
    const files = await assets(!isFile);
    const file = files.get(pathname);
    if (file && pathname !== '/index.html') return fileResponse(request, file, cacheOf(pathname));
    if (isFile || !mayBePage(pathname)) throw new ProblemError('not-found');
    const index = files.get('/index.html');
    if (index === undefined)
      throw new ProblemError('unavailable', { detail: 'The web client is not built (WEB_DIST).' });
    const response = pages.test(pathname) ? fileResponse(request, index, 'no-cache') : noSuchPage(request, index);
    response.headers.set('content-security-policy', pagePolicy);
    return response;
  };

  return new Elysia()
    .get('/*', ({ request }) => answer(request), { detail: { hide: true } })
    .head('/*', ({ request }) => answer(request), { detail: { hide: true } });
};

/** Files under /assets have the hash of their content in their name. */
const cacheOf = (pathname: string): string =>
  pathname.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';

const fileResponse = (request: Request, asset: Asset, cache: string): Response => {
  const encoding = encodingFor(request, asset);
  const etag = encoding === undefined ? asset.etag : `${asset.etag.slice(0, -1)}-${encoding}"`;
  const headers = new Headers({ 'content-type': asset.type, 'cache-control': cache, etag, vary: 'accept-encoding' });
  if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers });
  if (encoding !== undefined) headers.set('content-encoding', encoding);
  const body = encoding === undefined ? asset.bytes : packed(asset, encoding);
  headers.set('content-length', String(body.byteLength));
  return new Response(request.method === 'HEAD' ? null : body, { headers });
};

const noSuchPage = (request: Request, { bytes, type }: Asset): Response =>
  new Response(request.method === 'HEAD' ? null : bytes, {
    status: 404,
    headers: { 'content-type': type, 'cache-control': 'no-store', 'content-length': String(bytes.byteLength) },
  });

const encodingFor = (request: Request, { type, bytes }: Asset): Encoding | undefined => {
  if (bytes.byteLength < 1024 || !/^text\/|javascript|json|svg|manifest/.test(type)) return undefined;
  const accepted = (request.headers.get('accept-encoding') ?? '').split(',').map((part) => part.split(';')[0]?.trim());
  return (['br', 'gzip'] as const).find((encoding) => accepted.includes(encoding));
};

const packed = (asset: Asset, encoding: Encoding): Uint8Array<ArrayBuffer> => {
  const known = asset.packed.get(encoding);
  if (known) return known;
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 7 } };
  const made = Uint8Array.from(encoding === 'br' ? brotliCompressSync(asset.bytes, quality) : gzipSync(asset.bytes));
  asset.packed.set(encoding, made);
  return made;
};

const loadAssets = async (folder: string): Promise<ReadonlyMap<string, Asset>> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(await Promise.all(files.map(async (file) => [urlPath(folder, file), await loadAsset(file)] as const)));
};

const urlPath = (folder: string, file: string): string => file.slice(folder.length).replaceAll('\\', '/');

const loadAsset = async (path: string): Promise<Asset> => {
  const file = Bun.file(path);
  const bytes = await file.bytes();
  const etag = `"${new Bun.CryptoHasher('sha256').update(bytes).digest('hex').slice(0, 20)}"`;
  return { bytes, type: file.type, etag, packed: new Map() };
};
