import { appendFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { commitOf } from '../../dev/commit.ts';
import { rounded } from '../system/numbers.ts';
import type { Verdict } from '../verdict.ts';

/** One line of `results.jsonl`: a verdict of a run of full size, and where it was measured. */
export type Result = Verdict & {
  readonly at: string;
  readonly commit: string;
  readonly machine: string;
  readonly versions: string;
  /** Processes that wanted a processor when it was measured, the mean of a quarter of an hour: above the number of processors others ran too. */
  readonly load?: number;
};

const root = join(import.meta.dir, '../..');
const file = join(import.meta.dir, '../results.jsonl');

/** Adds the verdicts of a run. Nobody else writes there. */
export const recordResults = async (verdicts: readonly Verdict[], at: Date): Promise<void> => {
  const run = {
    at: at.toISOString(),
    commit: commitOf(root, ['apps', 'packages', 'dev', 'web', 'bench/*.ts']),
    machine: machineOf(),
    versions: versionsOf(),
    load: loadavg()[2],
  };
  const lines = verdicts.map((verdict) => JSON.stringify({ ...run, ...shortened(verdict) }));
  await appendFile(file, `${lines.join('\n')}\n`);
};

/** The newest result of each goal, in the order of the goals. */
export const newestResults = async (): Promise<Result[]> => {
  const all = Bun.JSONL.parse(await Bun.file(file).text()) as Result[];
  const newest = new Map(all.map((result) => [result.goal, result]));
  const number = ({ goal }: Result) => Number(/\d+/.exec(goal)?.[0]);
  const suite = ({ goal }: Result) => goal.charAt(0);
  return [...newest.values()].sort(
    (one, other) => suite(other).localeCompare(suite(one)) || number(one) - number(other),
  );
};

/** Three digits are all that a measurement is worth. */
const shortened = (verdict: Verdict): Verdict =>
  JSON.parse(JSON.stringify(verdict), (_key, value) => (typeof value === 'number' ? rounded(value) : value));

const machineOf = (): string => {
  const all = cpus();
  const model = all[0]?.model.trim() ?? 'unknown';
  return `${all.length} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GB`;
};

const versionsOf = (): string => {
  const redis = / v=([\d.]+)/.exec(output('redis-server', '--version'))?.[1];
  return `Bun ${Bun.version}, Node ${output('node', '--version').replace('v', '')}, Redis ${redis}, PostgreSQL 15`;
};

const output = (...command: string[]): string => Bun.spawnSync(command, { cwd: root }).stdout.toString().trim();
