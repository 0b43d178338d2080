import { join } from 'node:path';
import type { MemoryOfOne } from '../product/memory-note.ts';
import { obstacles } from './obstacles.ts';
import { plotMeasures } from './plot.ts';
import type { ProfileEntry, Profiles } from './profile.ts';
import { newestResults, type Result } from './results.ts';

const root = join(import.meta.dir, '../..');
const image = 'images/bench-messages.svg';

/** Profiles of the product by goal, as `bun run bench --profile` wrote them. */
export const profilesFile = join(root, 'bench/profiles.json');

/** Makes the page and its plot anew from the newest results. */
export const writePage = async (): Promise<void> => {
  const results = await newestResults();
  const known = Bun.file(profilesFile);
  const profiles = (await known.exists()) ? ((await known.json()) as Record<string, Profiles>) : {};
  await Bun.write(join(root, 'docs', image), plotMeasures(results.filter(isCompared)));
  await Bun.write(join(root, 'docs/benchmarks.md'), pageOf(results, profiles));
};

/** Of conversations there is one contestant, whose bars would say nothing. */
const isCompared = ({ skipped, goal }: Result): boolean => skipped === undefined && goal.startsWith('G');

const pageOf = (results: readonly Result[], profiles: Readonly<Record<string, Profiles>>): string => {
  const missed = results.filter(({ holds }) => !holds);
  return `# Benchmarks

Made by \`bun run bench\` (\`messages\`, \`proxy\`, \`web\` and \`conversations\`) from \`bench/results.jsonl\`; nobody writes here by hand. The newest run of full size of each goal:
${results.length - missed.length} of ${results.length} hold. ${[...new Set(results.map(({ machine, versions }) => `${machine}; ${versions}`))].join('; ')}.

How it is measured: everything runs on one machine, the load generator in a process of its own whose CPU nobody pays; for G1 to G4 it has the
last core to itself, and the servers have the others. In each round every
contestant gets the same load one after another, and a figure is the median of the rounds, so a slow minute hits all of them. CPU is user and
system time of every process of a contestant, Redis, the database and all its backends included. ChatApp runs whole: tokens verified,
membership checked, repeats looked for, every message committed before it is shown, two realtime nodes. The peers, two nodes each and set up as their
documentation shows, check nobody and, unless it says INSERT, save nothing. Every server is loaded for a while before anything counts. A contestant that loses or doubles a message is not measured but ends the run.
C1 to C5 are questions of the conversations service to a database that was filled by COPY: each of its statements by EXPLAIN ANALYZE, planning included,
in the database's own time, 1 000 times a round with other people and conversations; a sequential scan misses the goal whatever the time.

![What was measured, by goal](${image})

The machine's load is the mean number of processes that wanted a processor in the quarter of an hour before: above the number of processors
others worked on it too, and then latencies and rates say little, ratios of CPU more.

| goal | what | figure | target | holds | medians | load | commit |
|---|---|---|---|---|---|---|---|
${results.map(rowOf).join('\n')}
${notesOf(results.filter(({ holds }) => holds))}${missed.length === 0 ? '' : `\n## What is not met, and what stands in the way\n\n${missed.map((one) => missedOf(one, profilesOf(one, missed, profiles))).join('\n\n')}\n`}`;
};

const rowOf = (result: Result): string => {
  const { goal, title, figure, unit, target, holds, medians, measure, commit, at, load, skipped } = result;
  const shown = figure === null ? `not measured: ${skipped}` : `${figure} ${unit}`;
  const all = Object.entries(medians).map(([name, value]) => `${name} ${value}`);
  const cells = [goal, title, shown, target, holds ? 'yes' : '**no**', `${all.join(', ')} ${measure}`.trim()];
  return `| ${[...cells, load ?? '–', `${commit}, ${at.slice(0, 10)}`].join(' | ')} |`;
};

/** What a reader should know of a figure, once where goals share it. */
const notesOf = (results: readonly Result[]): string => {
  const noted = Map.groupBy(results, ({ note }) => note ?? '');
  const lines = [...noted]
    .filter(([note]) => note !== '')
    .map(([note, all]) => `- ${all.map(({ goal }) => goal).join(', ')}: ${note}.`);
  return lines.length === 0 ? '' : `\n## What the figures are of\n\n${lines.join('\n')}\n`;
};

const missedOf = (result: Result, profile: Profiles | undefined): string => {
  const { goal, title, figure, unit, target, parts, note } = result;
  const sections = [
    `### ${goal}: ${title}`,
    `${figure === null ? result.skipped : `${figure} ${unit}, wanted ${target}`}.${note === undefined ? '' : ` (${note}.)`}`,
    obstacles[goal] ?? '',
    parts?.ChatApp ? `By process, ${result.measure}: ${partsLine(parts.ChatApp)}.` : '',
    profile?.memory ? memoryTable(profile.memory) : '',
    profile && !profile.memory ? profileTable(profile) : '',
  ];
  return sections.filter((section) => section !== '').join('\n\n');
};

/** What is the same run by another measure (`G1-insert`) has its profile under the goal itself, unless only the other measure is missed. */
const profilesOf = (
  { goal }: Result,
  missed: readonly Result[],
  profiles: Readonly<Record<string, Profiles>>,
): Profiles | undefined => {
  const [base = goal] = goal.split('-');
  return missed.some((other) => other.goal === base) ? profiles[goal] : (profiles[goal] ?? profiles[base]);
};

const memoryTable = ({ resident, heap, external, objects }: MemoryOfOne): string => {
  const kb = (bytes: number) => `${Math.max(0, bytes / 1024).toFixed(1)} KB`;
  const rows = objects.map(({ type, count }) => `| ${type} | ${count.toFixed(1)} |`);
  return `A socket holds ${kb(resident)} resident after a collection: ${kb(heap)} in the heap, ${kb(external)} that its objects keep outside, the rest the runtime's, the allocator's and the stack's. Objects a socket, by type:\n\n| type | objects a socket |\n|---|---|\n${rows.join('\n')}`;
};

const partsLine = (parts: Readonly<Record<string, number>>): string =>
  Object.entries(parts)
    .filter(([, value]) => value > 0)
    .sort(([, one], [, other]) => other - one)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');

const profileTable = ({ cpu }: Profiles): string => {
  const rows = Object.entries(cpu).flatMap(([process, entries]) =>
    entries.slice(0, 8).map((entry) => profileRow(process, entry)),
  );
  return `Most of the time in each process, by the CPU profile of a run of the same load:\n\n| process | share | function | where |\n|---|---|---|---|\n${rows.join('\n')}`;
};

const profileRow = (process: string, { name, place, share }: ProfileEntry): string =>
  `| ${process} | ${(share * 100).toFixed(1)} % | \`${name.replaceAll('|', '\\|')}\` | ${place} |`;
