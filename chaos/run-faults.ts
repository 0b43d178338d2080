import { join } from 'node:path';
import { runExperiment } from './experiment.ts';
import type { Fault } from './fault.ts';
import { judgedText } from './judged.ts';
import type { Outcome } from './outcome.ts';
import type { Size } from './size.ts';
import { sizeText } from './size-text.ts';

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
    const outcome = await outcomeOf(fault, options);
    tally[outcome.verdict]++;
    for (const line of linesOf(outcome, options.reportDir)) options.say(line);
    await options.onOutcome?.(outcome);
  }
  return tally;
};

const outcomeOf = async (fault: Fault, options: RunOptions): Promise<Outcome> => {
  const startedAt = performance.now();
  try {
    return await runExperiment(fault, options);
  } catch (error) {
    options.say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    const { id, title } = fault;
    return { fault: id, title, seed: options.seed, seconds, verdict: 'failed', reason: reasonOf(error) };
  }
};

const reasonLengthMax = 200;

/** Its first line: what it says beyond is on the screen. */
const reasonOf = (error: unknown): string => {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return line.slice(0, reasonLengthMax);
};

const violationsSaid = 5;

const linesOf = (outcome: Outcome, reportDir: string): string[] => {
  if ('reason' in outcome) return [`${outcome.fault} ${outcome.verdict}: ${outcome.reason}`];
  const { fault, verdict, seed, counts, recovery, figures, judged, violations } = outcome;
  return [
    `${fault} ${verdict}  seed ${seed}  ${counts.sent} sent, ${counts.acked} acked, ${counts.rows} saved, ${counts.seen} shown, ` +
      `${counts.repeats} repeats, ${counts.errors} failed attempts  recovery ${recovery.maxMs ?? 'never'} ms, ` +
      `resumed p99 ${figures.resumeP99Ms ?? '–'} ms, lag p50 ${figures.lagP50Ms} p99 ${figures.lagP99Ms} ms, ` +
      `after it p99 ${figures.lagAfterP99Ms ?? '–'} ms  ${violations.length} violations  ${sizeText(outcome)}`,
    `    judged: ${judged.map(judgedText).join('; ')}`,
    ...violations
      .slice(0, violationsSaid)
      .map(({ invariant, what, excerpt }) => `    ${invariant} ${what}  ${JSON.stringify(excerpt).slice(0, 600)}`),
    ...(verdict === 'failed' ? [`    report: ${join(reportDir, `${fault}.html`)}`] : []),
  ];
};
