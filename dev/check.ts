// `bun run check [name…]`: what must hold before anything runs. From a clean clone too: packages are installed first.
import { join } from 'node:path';
import { type Check, checksNamed } from './check/check.ts';
import { install } from './install.ts';
import { step } from './progress.ts';

const root = join(import.meta.dir, '..');

async function main(): Promise<boolean> {
  // Even when they are there: bun refuses a lockfile that differs from the manifests.
  await step('installing the packages', () => install(root));
  const checks = await wanted(process.argv.slice(2));
  let sound = true;
  for (const check of checks) sound = (await report(check)) && sound;
  return sound;
}

/** Imported only now: a clean clone has none of the packages that they import. */
async function wanted(names: readonly string[]): Promise<readonly Check[]> {
  const { types, lint, deadCode } = await import('./check/tools.ts');
  const { boundaries } = await import('./check/boundaries-check.ts');
  const { documents } = await import('./check/documents.ts');
  const { environment } = await import('./check/environment.ts');
  const { compose } = await import('./check/compose.ts');
  const { lockfile } = await import('./check/lockfile.ts');
  const { secrets } = await import('./check/secrets.ts');
  const { securityRows } = await import('./check/security-rows.ts');
  const all = [types, lint, boundaries, deadCode, documents, environment, compose, lockfile, secrets, securityRows];
  return checksNamed(names, all);
}

async function report(check: Check): Promise<boolean> {
  const startedAt = performance.now();
  const faults = await check.run(root).catch((error: unknown) => [String(error)]);
  const figure = check.measure === undefined ? '' : `: ${await check.measure(root).catch(String)}`;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${faults.length === 0 ? 'ok  ' : 'FAIL'} ${check.name}${figure}  ${seconds} s`);
  if (faults.length === 0) return true;
  console.log(`${faults.map((fault) => `  ${fault.replaceAll('\n', '\n  ')}`).join('\n')}\n  → ${check.mend}`);
  return false;
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
