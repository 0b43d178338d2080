import { closeSync, openSync } from 'node:fs';
import { appendFile, chown, mkdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import postgres from 'postgres';
import type { Launch } from './launch.ts';
import { findPostgres, layOutPostgres } from './postgres-home.ts';
import { StartError } from './start-error.ts';

export type PostgresOptions = {
  /** Holds the programs and the data; made when missing. */
  folder: string;
  port: number;
  /** The password of the superuser `postgres`, who is made with it at the first start. */
  password: string;
  /** False leaves out every wait for the disk: for databases of tests, which are thrown away. */
  durable: boolean;
  /** Ends the making of the cluster, of which nothing is left. */
  signal?: AbortSignal;
};

// PostgreSQL refuses to run as root; 65534 is `nobody` everywhere.
const unprivilegedUid = 65_534;
const runsAsRoot = process.getuid?.() === 0;

/** Makes the cluster when there is none, and returns how to start its server on 127.0.0.1. */
export async function preparePostgres(options: PostgresOptions): Promise<Launch> {
  await mkdir(options.folder, { recursive: true });
  const packaged = await findPostgres();
  const bin = await layOutPostgres(packaged, await programFolder(options.folder, packaged.version));
  const data = join(options.folder, 'data');
  if (!(await isFile(join(data, 'PG_VERSION')))) await makeCluster(bin, data, options);
  return {
    command: [join(bin, 'postgres'), '-D', dataArgument(data), ...serverSettings(options)],
    cwd: '/',
    handedFolder: data,
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    ...asUnprivileged(),
    // Fast shutdown: SIGTERM would wait for every client to leave.
    stopSignal: 'SIGINT',
    // A server that is killed leaves its shared memory and, for a moment, its children.
    forceSignal: 'SIGQUIT',
  };
}

/** The URL of a database of this cluster, for its superuser. */
export const postgresUrl = (port: number, password: string, database = 'postgres'): string =>
  `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;

/** Whether the server behind the URL answers a query. */
export async function answersQueries(url: string): Promise<boolean> {
  const sql = postgres(url, { max: 1, connect_timeout: 2, onnotice: () => {} });
  try {
    await sql`SELECT 1`;
    return true;
  } catch {
    return false;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function makeCluster(bin: string, data: string, options: PostgresOptions): Promise<void> {
  // Renamed when complete: an interrupted start leaves nothing that looks like a cluster.
  const draft = `${data}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  if (runsAsRoot) await chown(draft, unprivilegedUid, unprivilegedUid);
  try {
    await runInitdb(bin, draft, options);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
  await appendFile(join(draft, 'postgresql.conf'), "unix_socket_directories = ''\n");
  await rename(draft, data);
}

async function runInitdb(bin: string, draft: string, options: PostgresOptions): Promise<void> {
  const passwordFile = join(options.folder, 'initdb-password');
  await writeFile(passwordFile, `${options.password}\n`, { mode: 0o600 });
  if (runsAsRoot) await chown(passwordFile, unprivilegedUid, unprivilegedUid);
  const passwordInput = openSync(passwordFile, 'r');
  const folder = openSync(draft, 'r');
  try {
    const initdb = Bun.spawn(
      [
        join(bin, 'initdb'),
        ...['-D', dataArgument(draft), '-U', 'postgres', '--pwfile=/dev/stdin', '--auth=scram-sha-256'],
        ...['--encoding=UTF8', '--lc-collate=C', `--lc-ctype=${characterLocale()}`, '--lc-messages=C'],
        ...['--no-instructions', ...(options.durable ? [] : ['--no-sync'])],
      ],
      {
        cwd: '/',
        // LANG may name a locale that this machine lacks: ssh passes on that of where people come from.
        env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
        stdio: [passwordInput, 'pipe', 'pipe', folder],
        ...(options.signal === undefined ? {} : { signal: options.signal }),
        ...asUnprivileged(),
      },
    );
    const [, errors, exitCode] = await Promise.all([
      new Response(initdb.stdout).text(),
      new Response(initdb.stderr).text(),
      initdb.exited,
    ]);
    options.signal?.throwIfAborted();
    if (exitCode !== 0) throw initdbFault(errors, draft);
  } finally {
    closeSync(passwordInput);
    closeSync(folder);
    await rm(passwordFile, { force: true });
  }
}

function initdbFault(errors: string, draft: string): StartError {
  return new StartError(
    `PostgreSQL could not make its data folder ${draft}: ${errors.trim().split('\n').slice(-4).join(' ')}`,
    'Run `bun run doctor`, or set DATABASE_URL to a PostgreSQL 15 of your own.',
  );
}

function serverSettings({ port, durable }: PostgresOptions): string[] {
  const settings: Record<string, string | number> = {
    listen_addresses: '127.0.0.1',
    port,
    max_connections: 300,
    log_min_messages: 'warning',
    log_line_prefix: '%m [%p] %q%u@%d ',
    log_checkpoints: 'off',
    jit: 'off',
    ...(durable
      ? { shared_buffers: '128MB', synchronous_commit: 'on', fsync: 'on', full_page_writes: 'on', max_wal_size: '1GB' }
      : { shared_buffers: '64MB', synchronous_commit: 'off', fsync: 'off', full_page_writes: 'off', autovacuum: 'on' }),
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

// The server's user may not be allowed to walk down to the folder (a clone in /root, a 0700 temporary folder): it gets the
// folder opened, as descriptor 3, and Linux enters that by this name without walking.
const dataArgument = (data: string): string => (runsAsRoot && process.platform === 'linux' ? '/proc/self/fd/3' : data);

// Programs must be reachable by name; where the folder is not, they go to a temporary one. They are no data: losing them costs a copy.
async function programFolder(folder: string, version: string): Promise<string> {
  const path = join(folder, `programs-${version}`);
  if (!runsAsRoot || (await isReachableByOthers(folder))) return path;
  const shared = join(tmpdir(), `chatapp-postgres-${version}`);
  await mkdir(shared, { mode: 0o755 }).catch(() => {});
  const { uid, mode } = await stat(shared);
  if (uid !== 0 || (mode & 0o022) !== 0) {
    throw new StartError(`${shared} belongs to another user.`, 'Remove it, or use a data folder outside of /root.');
  }
  return shared;
}

async function isReachableByOthers(folder: string): Promise<boolean> {
  let path = await realpath(folder);
  for (;;) {
    if (((await stat(path)).mode & 0o001) === 0) return false;
    const parent = dirname(path);
    if (parent === path) return true;
    path = parent;
  }
}

const asUnprivileged = (): { uid?: number; gid?: number } =>
  runsAsRoot ? { uid: unprivilegedUid, gid: unprivilegedUid } : {};

const characterLocale = (): string => (process.platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8');

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
