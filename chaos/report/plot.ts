import type { Mark } from '../outcome.ts';
import type { Series } from './series.ts';

const width = 1000;
const rowHeight = 120;
const left = 70;
const plotWidth = width - left - 20;

/** The timeline as SVG: sends, acknowledgements, deliveries and lag over the same seconds, with the moments of the fault. */
export const plot = (series: Series, marks: readonly Mark[]): string => {
  const rows = [
    { label: 'sent / s', values: perSecond(series.sends, series), colour: '#5b7083' },
    { label: 'acked / s', values: perSecond(series.acks, series), colour: '#2f7d4f' },
    { label: 'shown / s', values: perSecond(series.deliveries, series), colour: '#2b6cb0' },
    { label: 'lag, ms', values: series.lagMs, colour: '#b7791f' },
  ];
  const height = rows.length * rowHeight + 40;
  const seconds = (series.sends.length * series.stepMs) / 1000;
  const x = (second: number) => left + (second / Math.max(seconds, 0.001)) * plotWidth;
  const lines = marks.map(({ at, what, isOver }) => {
    const position = x((at - series.startAt) / 1000).toFixed(1);
    const style = isOver ? 'stroke="#c53030"' : 'stroke="#c53030" stroke-dasharray="3 3"';
    return `<line x1="${position}" x2="${position}" y1="10" y2="${height - 30}" ${style}><title>${escapeHtml(what)}</title></line>`;
  });
  const step = niceStep(seconds / 10);
  const ticks = Array.from({ length: Math.floor(seconds / step) + 1 }, (_, at) => at * step).map(
    (second) => `<text x="${x(second).toFixed(1)}" y="${height - 10}" text-anchor="middle">${second} s</text>`,
  );
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="timeline" font-family="system-ui" font-size="12">
${rows.map((row, at) => drawRow(row, at)).join('\n')}
${lines.join('\n')}
${ticks.join('\n')}
</svg>`;
};

interface PlotRow {
  readonly label: string;
  readonly values: readonly number[];
  readonly colour: string;
}

const drawRow = ({ label, values, colour }: PlotRow, at: number): string => {
  const most = Math.max(1, ...values);
  const bottom = at * rowHeight + rowHeight - 10;
  const points = values.map((value, index) => {
    const across = left + (index / Math.max(1, values.length - 1)) * plotWidth;
    return `${across.toFixed(1)},${(bottom - (value / most) * (rowHeight - 30)).toFixed(1)}`;
  });
  return `<text x="${left - 8}" y="${bottom - 40}" text-anchor="end">${label}</text>
<text x="${left - 8}" y="${bottom - rowHeight + 34}" text-anchor="end" fill="#777">${Math.round(most)}</text>
<line x1="${left}" x2="${left + plotWidth}" y1="${bottom}" y2="${bottom}" stroke="#ccc"/>
<polyline fill="none" stroke="${colour}" stroke-width="1.5" points="${points.join(' ')}"/>`;
};

const perSecond = (counts: readonly number[], { stepMs }: Series): number[] =>
  counts.map((count) => (count * 1000) / stepMs);

const niceStep = (rough: number): number => [1, 2, 5, 10, 20, 30, 60, 120, 300].find((step) => step >= rough) ?? 600;

export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
