import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fault } from './fault.ts';
import { holdingsDiffer } from './holdings.ts';
import { type Judged, judgedText } from './judged.ts';
import type { Outcome } from './outcome.ts';
import { type RanSize, sizeText } from './size-text.ts';

/** One line of `results.jsonl`; the oldest say less of the size. */
export type Result = RanSize & {
  readonly at: string;
  readonly commit: string;
  readonly fault: string;
  readonly title: string;
  readonly seed: number;
  readonly verdict: Outcome['verdict'];
  readonly reason?: string;
  readonly sent?: number;
  readonly acked?: number;
  readonly shown?: number;
  readonly repeats?: number;
  readonly violations?: number;
  readonly recoveryMs?: number | null;
  readonly resumeP99Ms?: number | null;
  readonly lagAfterP99Ms?: number | null;
  /** The figures that have a limit; missing in the oldest lines. */
  readonly judged?: readonly Omit<Judged, 'invariant'>[];
};

const file = join(import.meta.dir, 'results.jsonl');
const page = join(import.meta.dir, '../docs/chaos.md');

/** Adds a result, and makes the page of all results anew. Nobody else writes there. */
export const recordResult = async (
  outcome: Outcome,
  { commit, at, faults }: { readonly commit: string; readonly at: Date; readonly faults: readonly Fault[] },
): Promise<void> => {
  await appendFile(file, `${JSON.stringify(resultOf(outcome, commit, at))}\n`);
  await Bun.write(page, pageOf(Bun.JSONL.parse(await Bun.file(file).text()) as Result[], faults));
};

export const resultOf = (outcome: Outcome, commit: string, at: Date): Result => {
  const { fault, title, seed, verdict, seconds } = outcome;
  const head = { at: at.toISOString(), commit, fault, title, seed, verdict, seconds };
  if ('reason' in outcome) return { ...head, reason: outcome.reason };
  const { counts, recovery, figures, violations, clients, messagesPerSecond, amount, judged } = outcome;
  return {
    ...head,
    ...{ sent: counts.sent, acked: counts.acked, shown: counts.seen, repeats: counts.repeats },
    ...{
      violations: violations.length,
      recoveryMs: recovery.maxMs,
      resumeP99Ms: figures.resumeP99Ms,
      lagAfterP99Ms: figures.lagAfterP99Ms,
      ...{ clients, messagesPerSecond, amount },
    },
    judged: judged.map(({ invariant: _, ...figure }) => figure),
  };
};

/** The page: the newest result of each fault and seed, and in what faults differ from the catalogue. */
export const pageOf = (results: readonly Result[], faults: readonly Listed[] = []): string => {
  const rows = rowsOf(results).sort(
    (one, other) => numberOf(one.newest.fault) - numberOf(other.newest.fault) || one.newest.seed - other.newest.seed,
  );
  const acked = rows.reduce((sum, { newest }) => sum + (newest.acked ?? 0), 0);
  const broken = failedOf(rows.map(({ newest }) => newest));
  const earlier = rows.flatMap((row) => row.earlier);
  return `# Faults, and what became of every message

Made by \`bun run chaos\` from \`chaos/results.jsonl\`; nobody writes here by hand. What each fault does is in \`chaos/faults/\`, what is
judged in \`chaos/checker/\`. The newest run of each fault and seed: ${count(acked)} acknowledged messages, ${broken} failed runs.
It alone counts for the verdict; ${failedOf(earlier)} of the ${earlier.length} earlier runs of the same faults and seeds failed.

| fault | size | seed | verdict | failed before | acknowledged | shown | violations | recovery ms | resumed p99 ms | shown after it p99 ms | judged | commit |
|---|---|---|---|---|---|---|---|---|---|---|---|---|
${rows.map(rowOf).join('\n')}
${differencesOf(faults)}`;
};

/** The runs of one fault and seed. */
interface Row {
  readonly newest: Result;
  readonly earlier: readonly Result[];
}

const rowsOf = (results: readonly Result[]): Row[] =>
  [...Map.groupBy(results, ({ fault, seed }) => `${fault} ${seed}`).values()].flatMap((runs) => {
    const newest = runs.at(-1);
    return newest === undefined ? [] : [{ newest, earlier: runs.slice(0, -1) }];
  });

const failedOf = (results: readonly Result[]): number => results.filter(({ verdict }) => verdict === 'failed').length;

type Listed = Pick<Fault, 'id' | 'differs' | 'check'>;

/** Where a fault takes away who tells of an end. */
const lateEndsOf = (faults: readonly Listed[]): string[] => {
  const idsOf = (slack: 'leavingSlackMs' | 'sessionSlackMs') =>
    faults.flatMap(({ id, check }) => (check?.[slack] === undefined ? [] : [id])).join(', ');
  const [memberships, sessions] = [idsOf('leavingSlackMs'), idsOf('sessionSlackMs')];
  const seconds = Math.max(...faults.map(({ check }) => check?.leavingSlackMs ?? 0)) / 1000;
  return memberships === ''
    ? []
    : [
        `- I5 and I6: what ended may go on for a second; for ${seconds} s a membership in ${memberships}, and a session in ${sessions}.`,
      ];
};

const differencesOf = (faults: readonly Listed[]): string => {
  const lines = faults.flatMap(({ id, differs }) => (differs === undefined ? [] : [`- ${id}: ${differs}`]));
  return `\n## What differs from the catalogue\n\n${[`- ${holdingsDiffer}`, ...lateEndsOf(faults), ...lines].join('\n')}\n`;
};

const rowOf = ({ newest: row, earlier }: Row): string => {
  const verdict = row.reason === undefined ? row.verdict : `${row.verdict}: ${row.reason.replaceAll('|', '/')}`;
  const cells = [
    ...[`${row.fault} ${row.title}`, sizeText(row) || '–', row.seed, verdict],
    earlier.length === 0 ? '–' : `${failedOf(earlier)} of ${earlier.length}`,
    ...[count(row.acked), count(row.shown), count(row.violations)],
    ...[count(row.recoveryMs), count(row.resumeP99Ms), count(row.lagAfterP99Ms), judgedOf(row), row.commit],
  ];
  return `| ${cells.join(' | ')} |`;
};

const judgedOf = ({ judged = [] }: Result): string => judged.map((figure) => judgedText(figure)).join('; ') || '–';

const count = (value: number | null | undefined): string => value?.toLocaleString('en').replaceAll(',', ' ') ?? '–';

/** The nemesis, which has no number, comes last. */
const numberOf = (fault: string): number => Number(/\d+/.exec(fault)?.[0] ?? Number.POSITIVE_INFINITY);
