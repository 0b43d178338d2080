import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestFile } from './find-test-files.ts';
import { type Counts, none, readJunit } from './junit.ts';

export interface TestRun {
  readonly root: string;
  /** Takes the reports. */
  readonly folder: string;
  readonly env: Record<string, string | undefined>;
  /** Aborts when the run is given up: what is running is killed. */
  readonly signal: AbortSignal;
}

export interface FileResult {
  readonly counts: Counts;
  readonly seconds: number;
  /** All that came out of the process. */
  readonly output: string;
  /** What the tests say for themselves: how much a proof has proved, what was measured. */
  readonly said: readonly string[];
  /** Why the file itself failed, beside its tests. */
  readonly fault: string | undefined;
}

const minutes = 60_000;

/** How long a file may take, ms: what runs the product or a browser five times as long as others, and ten times as long where PROOF=full asks for the whole proofs. */
export const limitOf = ({ weight }: Pick<TestFile, 'weight'>, { PROOF: proof }: TestRun['env']): number =>
  (weight === 'light' ? 4 : 20) * (proof === 'full' ? 10 : 1) * minutes;

/** Runs one file in a process of its own, so that a crash, a leak or a hang is that file's alone. */
export async function runTestFile(file: TestFile, index: number, run: TestRun): Promise<FileResult> {
  const startedAt = performance.now();
  const report = join(run.folder, `${index}.xml`);
  const limitMs = limitOf(file, run.env);
  const inWeb = file.path.startsWith('web/');
  const child = Bun.spawn(
    [
      ...[process.execPath, 'test', '--only-failures', `--timeout=${file.weight === 'light' ? 30_000 : 120_000}`],
      ...['--reporter=junit', `--reporter-outfile=${report}`],
      // The tests of components run in a DOM, by the settings of web/bunfig.toml.
      ...(inWeb ? ['--conditions=browser', `./${file.path.slice('web/'.length)}`] : [`./${file.path}`]),
    ],
    {
      cwd: inWeb ? join(run.root, 'web') : run.root,
      env: run.env,
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
      timeout: limitMs,
      killSignal: 'SIGKILL',
      signal: run.signal,
    },
  );
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  const exitCode = await child.exited;
  const counts = readJunit(await readFile(report, 'utf8').catch(() => ''));
  const seconds = (performance.now() - startedAt) / 1000;
  const fault = faultOf({ counts, exitCode, signalCode: child.signalCode, isLate: seconds * 1000 >= limitMs });
  return { counts: counts ?? none, seconds, output: stdout + stderr, said: saidIn(stdout), fault };
}

/** Without what Bun begins with, and the logs of parts that run in the test's own process. */
const saidIn = (stdout: string): string[] =>
  stdout.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('bun test v') && !line.startsWith('{'));

interface Ending {
  readonly counts: Counts | undefined;
  readonly exitCode: number;
  readonly signalCode: NodeJS.Signals | number | null;
  readonly isLate: boolean;
}

function faultOf({ counts, exitCode, signalCode, isLate }: Ending): string | undefined {
  if (isLate) return 'took too long and was killed';
  if (signalCode) return `was ended by ${signalCode}`;
  // A file without tests writes no report; neither does one that leaves the process with exit code 0 in the middle.
  if (!counts || counts.passed + counts.failed + counts.skipped === 0)
    return `ran no test to the end (exit code ${exitCode})`;
  if (exitCode !== 0 && counts.failed === 0) return `ended with exit code ${exitCode}`;
  return undefined;
}
