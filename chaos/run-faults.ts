import { join } from 'node:path';
import { runExperiment } from './experiment.ts';
import type { Fault } from './fault.ts';
import { judgedText } from './judged.ts';
import type { Outcome } from './outcome.ts';
import type { Size } from './size.ts';

export interface RunOptions {
  readonly faults: readonly Fault[];
  readonly seed: number;
  readonly size: Size;
  readonly reportDir: string;
  readonly say: (line: string) => void;
  readonly recordTo?: string | undefined;
  readonly onOutcome?: (outcome: Outcome) => Promise<void>;
}

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Does the faults one after another, and says a line of each. A fault that cannot be done at all counts as failed. */
export const runFaults = async (options: RunOptions): Promise<Tally> => {
  const tally = { passed: 0, failed: 0, skipped: 0 };
  for (const fault of options.faults) {
    options.say(`${fault.id} ${fault.title}`);
    try {
      const outcome = await runExperiment(fault, options);
      tally[outcome.verdict]++;
      await options.onOutcome?.(outcome);
      for (const line of linesOf(outcome, options.reportDir)) options.say(line);
    } catch (error) {
      tally.failed++;
      options.say(`${fault.id} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  }
  return tally;
};

const violationsSaid = 5;

const linesOf = (outcome: Outcome, reportDir: string): string[] => {
  if (outcome.verdict === 'skipped') return [`${outcome.fault} skipped: ${outcome.reason}`];
  const { fault, verdict, seed, counts, recovery, figures, judged, violations, seconds } = outcome;
  return [
    `${fault} ${verdict}  seed ${seed}  ${counts.sent} sent, ${counts.acked} acked, ${counts.rows} saved, ${counts.seen} shown, ` +
      `${counts.repeats} repeats, ${counts.errors} failed attempts  recovery ${recovery.maxMs ?? 'never'} ms, ` +
      `resumed p99 ${figures.resumeP99Ms ?? '–'} ms, lag p50 ${figures.lagP50Ms} p99 ${figures.lagP99Ms} ms, ` +
      `after it p99 ${figures.lagAfterP99Ms ?? '–'} ms  ${violations.length} violations  ${seconds} s`,
    `    judged: ${judged.map(judgedText).join('; ')}`,
    ...violations
      .slice(0, violationsSaid)
      .map(({ invariant, what, excerpt }) => `    ${invariant} ${what}  ${JSON.stringify(excerpt).slice(0, 600)}`),
    ...(verdict === 'failed' ? [`    report: ${join(reportDir, `${fault}.html`)}`] : []),
  ];
};
