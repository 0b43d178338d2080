import type { HistoryEvent } from '../../dev/testing/history.ts';
import { limitText, valueText } from '../judged.ts';
import type { Findings, Outcome } from '../outcome.ts';
import { sizeText } from '../size-text.ts';
import { escapeHtml, plot } from './plot.ts';
import { seriesOf } from './series.ts';

const violationsShown = 50;

/** One page a run: verdict, numbers, the timeline, and what was broken. Loads nothing from elsewhere. */
export const writeReport = async (file: string, outcome: Outcome, events: readonly HistoryEvent[]): Promise<void> => {
  if ('reason' in outcome) return;
  await Bun.write(
    file,
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>${outcome.fault} ${outcome.verdict}</title>
<style>body{font:15px/1.5 system-ui;margin:2rem auto;max-width:1040px;padding:0 1rem}td{padding:.1rem 1.5rem .1rem 0}pre{overflow:auto;background:#f4f4f2;padding:.75rem}svg{width:100%}</style>
<h1>${outcome.fault}: ${escapeHtml(outcome.title)}</h1>
<p><strong>${outcome.verdict}</strong>, seed ${outcome.seed}, ${escapeHtml(sizeText(outcome))}.</p>
${plot(seriesOf(events), outcome.marks)}
<table>${numbersOf(outcome)
      .map(([name, value]) => `<tr><td>${name}</td><td>${value ?? '–'}</td></tr>`)
      .join('')}</table>
<h2>Figures with a limit</h2>
<table>${outcome.judged
      .map((one) => `<tr><td>${escapeHtml(one.what)}</td><td>${valueText(one)}</td><td>${limitText(one)}</td></tr>`)
      .join('')}</table>
<h2>Resident memory, MB</h2>
<table>${outcome.memory
      .map(
        ({ name, beforeBytes, afterBytes }) =>
          `<tr><td>${name}</td><td>${inMegabytes(beforeBytes)}</td><td>${inMegabytes(afterBytes)}</td></tr>`,
      )
      .join('')}</table>
<h2>Moments</h2><ol>${outcome.marks.map(({ at, what }) => `<li>${new Date(at).toISOString()} ${escapeHtml(what)}</li>`).join('')}</ol>
<h2>Violations: ${outcome.violations.length}</h2>
${outcome.violations
  .slice(0, violationsShown)
  .map(
    ({ invariant, what, excerpt }) =>
      `<h3>${invariant}: ${escapeHtml(what)}</h3><pre>${excerpt.map((one) => escapeHtml(JSON.stringify(one))).join('\n')}</pre>`,
  )
  .join('\n')}
</html>\n`,
  );
};

const inMegabytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(0);

const numbersOf = ({ counts, figures, recovery, convergedMs, restarts }: Findings): [string, number | null][] => [
  ['sent', counts.sent],
  ['acknowledged', counts.acked],
  ['in the database', counts.rows],
  ['shown', counts.seen],
  ['repeats on the wire, dropped', counts.repeats],
  ['attempts that failed', counts.errors],
  ['resumes', counts.resumed],
  ['resets', counts.resets],
  ['processes restarted', restarts],
  ['acknowledged a second before the fault', Math.round(recovery.baselinePerSecond)],
  ['recovery, ms', recovery.maxMs],
  ['resumed p99, ms', figures.resumeP99Ms],
  ['acknowledged p50, ms', figures.ackP50Ms],
  ['acknowledged p99, ms', figures.ackP99Ms],
  ['send to seen p50, ms', figures.lagP50Ms],
  ['send to seen p99, ms', figures.lagP99Ms],
  ['send to seen once the fault is over p99, ms', figures.lagAfterP99Ms],
  ['everybody had everything, ms after the load', convergedMs],
];
