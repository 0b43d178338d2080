import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { findChromium } from '../chromium.ts';
import { redisServerPath } from '../redis.ts';

/** A program that the tests need and that no npm package brings. */
interface Tool {
  readonly name: string;
  readonly debianPackage: string;
  find(): Promise<string | undefined>;
  /** Another way to get it, where apt-get is none. */
  install?(): Promise<boolean>;
}

const tools: readonly Tool[] = [
  { name: 'redis-server', debianPackage: 'redis-server', find: async () => redisServerPath() ?? undefined },
  { name: 'Chromium', debianPackage: 'chromium', find: findAnyChromium, install: installWithPlaywright },
];

/** Finds each tool or installs it; answers the names of those that cannot be had. */
export async function ensureTools(say: (line: string) => void): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const tool of tools) {
    if (await ensureTool(tool, say)) continue;
    say(
      `${tool.name} is missing. Install it (Debian: apt-get install ${tool.debianPackage}), then run the tests again.`,
    );
    missing.push(tool.name);
  }
  return missing;
}

async function ensureTool(tool: Tool, say: (line: string) => void): Promise<boolean> {
  if (await tool.find()) return true;
  say(`installing ${tool.name}…`);
  if (mayUseApt() && (await installWithApt(tool.debianPackage)) && (await tool.find())) return true;
  return (await tool.install?.()) === true && (await tool.find()) !== undefined;
}

const mayUseApt = (): boolean =>
  process.getuid?.() === 0 && existsSync('/etc/debian_version') && Bun.which('apt-get') !== null;

async function installWithApt(name: string): Promise<boolean> {
  const updated = await succeeds(['apt-get', 'update', '-qq']);
  return updated && (await succeeds(['apt-get', 'install', '-y', '-qq', '--no-install-recommends', name]));
}

async function findAnyChromium(): Promise<string | undefined> {
  const found = findChromium();
  if (found) return found;
  const { chromium } = await import('playwright-core');
  const path = chromium.executablePath();
  if (!path || !existsSync(path)) return undefined;
  // Where the tests look for it: playwright-core's own folder is on no PATH.
  process.env.CHROME_PATH = path;
  return path;
}

function installWithPlaywright(): Promise<boolean> {
  const home = dirname(createRequire(import.meta.url).resolve('playwright-core/package.json'));
  return succeeds([process.execPath, join(home, 'cli.js'), 'install', 'chromium']);
}

/** Runs a command; its output is shown only when it fails. */
async function succeeds(command: string[]): Promise<boolean> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const child = Bun.spawn(command, { env, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' });
  const [output, errors, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (exitCode !== 0) console.log(`${command.join(' ')} failed (${exitCode}):\n${output}${errors}`.trimEnd());
  return exitCode === 0;
}
