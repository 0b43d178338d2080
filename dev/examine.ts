import type { StatsFs } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findChromium } from './chromium.ts';
import { claimDataFolder } from './data-folder.ts';
import type { ExternalVariable } from './external-parts.ts';
import { isInstalled } from './install.ts';
import { isPortFree, requirePort } from './ports.ts';
import { findPostgres } from './postgres-home.ts';
import { readJsonFile } from './private-file.ts';
import { redisServerPath } from './redis.ts';
import { type OwnProcess, survivingProcesses } from './run-file.ts';
import { readSettings, type StackSettings } from './settings.ts';
import { StartError } from './start-error.ts';
import { isWebBuilt } from './web-build.ts';

/** What the doctor found on one point; only `wrong` keeps ChatApp from running here. */
export type Finding = { name: string; state: 'ok' | 'note' | 'wrong'; found: string; mend?: string };

const diskBytesMin = 1_000_000_000;

/** Looks at everything that `bun start` and the tests need; changes nothing that runs. */
export async function examine(root: string, env: Record<string, string | undefined>): Promise<Finding[]> {
  const settings = await attempt('configuration', async () => readSettings(root, env, []));
  const findings = [
    await checkBun(root),
    await checkPlatform(root, env),
    await checkPackages(root),
    await checkWeb(root),
    ...(env.REDIS_URL ? [] : [checkRedis()]),
    checkChromium(env),
  ];
  if ('state' in settings) return [...findings, settings];
  return [
    ...findings,
    { name: 'configuration', state: 'ok', found: describe(settings) },
    ...((await isInstalled(root)) ? [...(await checkExternal(settings)), await checkServices(settings)] : []),
    ...(await checkDataFolder(settings)),
    await checkDisk(settings),
  ];
}

async function checkBun(root: string): Promise<Finding> {
  const manifest = (await readJsonFile(join(root, 'package.json'))) as { packageManager: string };
  const wanted = manifest.packageManager.replace('bun@', '');
  if (Bun.version === wanted) return { name: 'Bun', state: 'ok', found: Bun.version };
  const mend = `This project is tested with ${wanted}: npx --yes bun@${wanted} start`;
  return { name: 'Bun', state: Bun.semver.order(Bun.version, wanted) < 0 ? 'wrong' : 'note', found: Bun.version, mend };
}

async function checkPlatform(root: string, env: Record<string, string | undefined>): Promise<Finding> {
  const platform = `${process.platform}-${process.arch}`;
  if (!(await isInstalled(root)))
    return { name: 'platform', state: 'note', found: `${platform}, packages not installed` };
  if (env.DATABASE_URL) return { name: 'platform', state: 'ok', found: `${platform}, the database is yours` };
  const packaged = await attempt('platform', findPostgres);
  if ('state' in packaged) return packaged;
  return { name: 'platform', state: 'ok', found: `${platform}, PostgreSQL ${packaged.version}` };
}

async function checkPackages(root: string): Promise<Finding> {
  if (await isInstalled(root)) return { name: 'packages', state: 'ok', found: 'as in bun.lock, patches included' };
  return {
    name: 'packages',
    state: 'note',
    found: 'not those of bun.lock and patches',
    mend: 'The next `bun start` installs them.',
  };
}

async function checkWeb(root: string): Promise<Finding> {
  if (await isWebBuilt(root)) return { name: 'web client', state: 'ok', found: 'built from the present sources' };
  return {
    name: 'web client',
    state: 'note',
    found: 'not built, or changed since',
    mend: 'The next `bun start` builds it.',
  };
}

function checkRedis(): Finding {
  const path = redisServerPath();
  if (path !== null) return { name: 'Redis', state: 'ok', found: path };
  const mend =
    'js-redis-server is used, which is slower and lets every program of this machine in. Debian: apt-get install redis-server';
  return { name: 'Redis', state: 'note', found: 'no redis-server 7 or later on PATH', mend };
}

function checkChromium(env: Record<string, string | undefined>): Finding {
  const path = findChromium(env);
  if (path !== undefined) return { name: 'Chromium', state: 'ok', found: path };
  const mend = 'Only the tests need it; `bun run test` installs it where it can, CHROME_PATH names one elsewhere.';
  return { name: 'Chromium', state: 'note', found: 'none', mend };
}

async function checkExternal({ external }: StackSettings): Promise<Finding[]> {
  const { requireAnswer } = await import('./external-parts.ts');
  const check = async (name: string, variable: ExternalVariable, url: string | undefined): Promise<Finding[]> => {
    if (url === undefined) return [];
    return [
      await attempt(name, async () => {
        await requireAnswer(variable, url);
        return { name, state: 'ok', found: `yours (${variable}), answers` } as const;
      }),
    ];
  };
  const checks = [
    check('database', 'DATABASE_URL', external.databaseUrl),
    check('Redis', 'REDIS_URL', external.redisUrl),
    check('issuer', 'OIDC_ISSUER', external.issuer),
  ];
  return (await Promise.all(checks)).flat();
}

async function checkServices(settings: StackSettings): Promise<Finding> {
  const { serviceFaults } = await import('./service-faults.ts');
  const faults = serviceFaults(settings);
  if (faults.length === 0) return { name: 'services', state: 'ok', found: 'take their settings' };
  const mend = 'Correct these variables of the environment or of .env, or unset them.';
  return { name: 'services', state: 'wrong', found: faults.join('; '), mend };
}

async function checkDataFolder(settings: StackSettings): Promise<Finding[]> {
  const { dataDir, port } = settings;
  const processes = await survivingProcesses(join(dataDir, 'processes.json')).catch((): OwnProcess[] => []);
  const folder = await attempt('data folder', () => claimDataFolder(dataDir));
  if ('state' in folder && processes.length > 0) {
    return [{ name: 'data folder', state: 'ok', found: `${dataDir}, in use by a running copy: ${named(processes)}` }];
  }
  if ('state' in folder) return [folder];
  folder.release();
  return [
    { name: 'data folder', state: 'ok', found: `${dataDir}, writable` },
    checkLeftovers(processes),
    // What a killed start left may listen there.
    ...(processes.length > 0 ? [] : await checkPorts(port, folder.portsFile)),
  ];
}

function checkLeftovers(processes: readonly OwnProcess[]): Finding {
  if (processes.length === 0) return { name: 'leftovers', state: 'ok', found: 'none' };
  const mend = 'A start was killed and left them. The next `bun start` ends them.';
  return { name: 'leftovers', state: 'wrong', found: named(processes), mend };
}

async function checkPorts(port: number, portsFile: string): Promise<Finding[]> {
  const ofBff = await attempt('port of the BFF', async () => {
    await requirePort(port);
    return { name: 'port of the BFF', state: 'ok', found: `${port}, free` } as const;
  });
  const kept = ((await readJsonFile(portsFile)) ?? {}) as Record<string, number>;
  if (kept.issuer === undefined) return [ofBff];
  const mend = `Stop what listens there, or remove "issuer" from ${portsFile}: people then sign in again.`;
  const name = 'port of the issuer';
  if (await isPortFree(kept.issuer)) return [ofBff, { name, state: 'ok', found: `${kept.issuer}, free` }];
  return [ofBff, { name, state: 'wrong', found: `${kept.issuer}, in use by another program`, mend }];
}

async function checkDisk({ dataDir }: StackSettings): Promise<Finding> {
  const { bavail, bsize } = await statfsOfNearest(dataDir);
  const free = bavail * bsize;
  const found = `${(free / 1e9).toFixed(1)} GB free`;
  if (free >= diskBytesMin) return { name: 'disk', state: 'ok', found };
  return { name: 'disk', state: 'wrong', found, mend: 'Make room: the database needs 1 GB to be safe.' };
}

/** Of the folder, or where it will be made. */
async function statfsOfNearest(folder: string): Promise<StatsFs> {
  try {
    return await statfs(folder);
  } catch (error) {
    if (dirname(folder) === folder) throw error;
    return await statfsOfNearest(dirname(folder));
  }
}

/** The result, or the finding that the error is. */
async function attempt<T extends object>(name: string, work: () => Promise<T>): Promise<T | Finding> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StartError) return { name, state: 'wrong', found: error.fault, mend: error.remedy };
    return { name, state: 'wrong', found: String(error) };
  }
}

function describe({ port, external }: StackSettings): string {
  const parts = Object.entries({ database: external.databaseUrl, Redis: external.redisUrl, issuer: external.issuer });
  const places = parts.map(([name, url]) => `${name} ${url === undefined ? 'embedded' : 'yours'}`);
  return `port ${port}, ${places.join(', ')}`;
}

const named = (processes: readonly OwnProcess[]): string =>
  processes.map(({ name, pid }) => `${name} (pid ${pid})`).join(', ');
