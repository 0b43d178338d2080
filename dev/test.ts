// `bun run test [part of a path…]`: installs what the tests need, runs them and ends with the line `N passed, N failed, N skipped`.
// Packages are imported only after they were installed: a clean clone has none.
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureInstalled } from './install.ts';
import { onStop } from './launchers.ts';
import { step } from './progress.ts';
import type { ExecutedStatements } from './test-run/executed-statements.ts';
import { findTestFiles, type TestFile, type Weight } from './test-run/find-test-files.ts';
import { add, type Counts, none } from './test-run/junit.ts';
import { type FileResult, runTestFile, type TestRun } from './test-run/run-test-file.ts';
import { buildWeb, isWebBuilt } from './web-build.ts';

const root = join(import.meta.dir, '..');
const inCi = Boolean(process.env.CI);
const patterns = process.argv.slice(2);
const say = (line: string) => console.log(line);

const oneFailed: Counts = { passed: 0, failed: 1, skipped: 0 };
let counts = none;
const ending = new AbortController();
onStop((why) => ending.abort(new Error(why)));

async function main(): Promise<void> {
  await ensureInstalled(root, { signal: ending.signal });
  const files = await findTestFiles(root, patterns);
  const { ensureTools } = await import('./test-run/tools.ts');
  const missing = await ensureTools(say, inCi);
  if (inCi && missing.length > 0) throw new Error(`In CI nothing may be missing: ${missing.join(', ')}.`);

  const { startTestPostgres } = await import('./testing/postgres.ts');
  const { judgeStatements, rememberingSettings, rememberStatements } = await import(
    './test-run/executed-statements.ts'
  );
  const postgres = await startTestPostgres(await rememberingSettings());
  const folder = await mkdtemp(join(tmpdir(), 'chatapp-test-'));
  try {
    const env = { ...process.env, TEST_POSTGRES_URL: postgres.url, NODE_ENV: 'test' };
    const remembers = await rememberStatements(postgres.url);
    await runAll(files, { root, folder, env, signal: ending.signal });
    if (remembers) reportStatements(await judgeStatements(postgres.url));
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function reportStatements({ count, faults }: ExecutedStatements): void {
  say(`${count} different statements of the services, ${faults.length} beside what YugabyteDB does too`);
  if (faults.length === 0) return;
  for (const fault of faults) say(`  ${fault}`);
  counts = add(counts, oneFailed);
}

/** The stack would build it too, but within the time of a test. */
async function ensureWeb(): Promise<void> {
  if (!(await isWebBuilt(root))) await step('building the web client', () => buildWeb(root, ending.signal));
}

async function runAll(files: readonly TestFile[], run: TestRun): Promise<void> {
  let done = 0;
  const runOne = async (file: TestFile) => {
    const result = await runTestFile(file, files.indexOf(file), run);
    counts = add(counts, result.fault ? add(result.counts, oneFailed) : result.counts);
    report(file, result, `${++done}/${files.length}`);
  };
  const of = (weight: Weight) => files.filter((file) => file.weight === weight);
  // Most of them wait for a good part of their time: two more than there are processors.
  await runPool(of('light'), Math.min(4, cpus().length + 2), runOne);
  if (files.some(({ weight }) => weight !== 'light')) await ensureWeb();
  // A browser wants a processor for itself, the product beside it mostly waits.
  const inBrowser = of('browser');
  const beside = of('stack');
  await Promise.all([runPool(inBrowser, 1, runOne).then(() => runPool(beside, 1, runOne)), runPool(beside, 1, runOne)]);
  await Promise.all([runPool(of('alone'), 1, runOne), runPool(of('waiting'), 1, runOne)]);
  ending.signal.throwIfAborted();
}

/** Takes its items off the list, which another pool may take from too. */
async function runPool<T>(waiting: T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined && !ending.signal.aborted; item = waiting.shift())
      await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

function report({ path }: TestFile, { counts, seconds, output, said, fault }: FileResult, progress: string): void {
  const failed = counts.failed > 0 || fault !== undefined;
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
  say(`${failed ? 'FAIL' : 'ok  '} ${path}  ${counts.passed} passed${skipped}  ${seconds.toFixed(1)} s  [${progress}]`);
  if (!failed) {
    for (const line of said) say(`       ${line}`);
    return;
  }
  say(output.trimEnd());
  if (fault) say(`${path} ${fault}.`);
}

try {
  await main();
} catch (error) {
  say(`The tests could not all run: ${error instanceof Error ? error.message : String(error)}`);
  counts = add(counts, oneFailed);
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(counts.failed > 0 || counts.passed === 0 ? 1 : 0);
