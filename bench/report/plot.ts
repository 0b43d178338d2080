import type { Result } from './results.ts';

const width = 860;
const left = 330;
const barWidth = width - left - 130;
const colours: Record<string, string> = {
  ChatApp: '#2f7d4f',
  'Socket.IO': '#b7791f',
  'Socket.IO + INSERT': '#c53030',
  'ws bridge': '#5b7083',
  nginx: '#3b7a8c',
  HAProxy: '#5b7083',
  'Node http-proxy': '#b7791f',
};

/** Bars of what was measured, by goal and by whose it is: within a goal the longest one is full. */
export const plotMeasures = (results: readonly Result[]): string => {
  const rows: string[] = [];
  let y = 24;
  for (const { goal, title, measure, medians } of results) {
    rows.push(
      text(10, y + 14, `${goal}  ${title}`, 'font-weight="600"'),
      text(width - 10, y + 14, measure, 'text-anchor="end" fill="#777"'),
    );
    y += 24;
    const most = Math.max(...Object.values(medians));
    for (const [name, value] of Object.entries(medians)) {
      const length = Math.max(1, (value / most) * barWidth);
      rows.push(
        text(left - 10, y + 13, name, 'text-anchor="end"'),
        `<rect x="${left}" y="${y + 2}" width="${length.toFixed(1)}" height="14" rx="2" fill="${colours[name] ?? '#2b6cb0'}"/>`,
        text(left + length + 8, y + 13, String(value)),
      );
      y += 20;
    }
    y += 16;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" role="img" aria-label="What was measured, by goal" font-family="system-ui, sans-serif" font-size="12">
<rect width="${width}" height="${y}" fill="#fff"/>
${rows.join('\n')}
</svg>
`;
};

const text = (x: number, y: number, content: string, more = ''): string =>
  `<text x="${x.toFixed(1)}" y="${y}" ${more}>${content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`;
