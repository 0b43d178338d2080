import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { findChromium } from '../chromium.ts';
import { installDebian, mayInstallDebian, succeeds } from '../debian.ts';
import { redisServerPath } from '../redis.ts';
import { pythonWithWebSockets } from '../testing/python.ts';

/** A program that the tests need and that no npm package brings. */
interface Tool {
  readonly name: string;
  readonly debianPackage: string;
  find(): Promise<string | undefined>;
  /** The tests that need it are skipped by name where it cannot be had, but for CI. */
  readonly isOptional?: boolean;
  /** Another way to get it, where apt-get is none. */
  install?(): Promise<boolean>;
}

const tools: readonly Tool[] = [
  { name: 'redis-server', debianPackage: 'redis-server', find: async () => redisServerPath() ?? undefined },
  // A second client of sockets, by other hands than `ws`.
  {
    name: 'python3-websockets',
    debianPackage: 'python3-websockets',
    find: async () => pythonWithWebSockets(),
    isOptional: true,
  },
  { name: 'Chromium', debianPackage: 'chromium', find: findAnyChromium, install: installWithPlaywright },
];

/** Finds each tool or installs it; answers the names of those that cannot be had and that the tests cannot do without. */
export async function ensureTools(say: (line: string) => void, inCi: boolean): Promise<readonly string[]> {
  const missing: Tool[] = [];
  for (const tool of tools) {
    if (await ensureTool(tool, say)) continue;
    say(
      `${tool.name} is missing. Install it (Debian: apt-get install ${tool.debianPackage}), then run the tests again.`,
    );
    missing.push(tool);
  }
  return missing.filter((tool) => isNeeded(tool, inCi)).map(({ name }) => name);
}

/** Whether the tests do not run without it: in CI a test that is skipped would go unseen. */
export const isNeeded = ({ isOptional = false }: Pick<Tool, 'isOptional'>, inCi: boolean): boolean =>
  inCi || !isOptional;

async function ensureTool(tool: Tool, say: (line: string) => void): Promise<boolean> {
  if (await tool.find()) return true;
  say(`installing ${tool.name}…`);
  if (mayInstallDebian() && (await installDebian(tool.debianPackage)) && (await tool.find())) return true;
  return (await tool.install?.()) === true && (await tool.find()) !== undefined;
}

/** The Chromium of this machine, or the one that playwright-core installed; tests and benchmarks then find it, too. */
export async function findAnyChromium(): Promise<string | undefined> {
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
