// `bun run bench [messages] [--goals G1,G9] [--rounds 3] [--quick] [--json] [--profile]`: measures the product beside its peers and
// holds it against its goals. Needs a real redis-server and Node. A run of full size is written to bench/results.jsonl and docs/benchmarks.md;
// one with --profile measures nothing, it writes where the product's time goes to bench/profiles.json.
import { redisServerPath } from '../dev/redis.ts';
import { readArguments } from './arguments.ts';
import type { Benchmark } from './bench.ts';
import { benchMessages, benchmarks } from './messages.ts';
import { profileBenchmarks } from './profile-benchmarks.ts';
import { writePage } from './report/page.ts';
import { recordResults } from './report/results.ts';
import { fullSizes, quickSizes } from './sizes.ts';
import { rounded } from './system/numbers.ts';
import type { Verdict } from './verdict.ts';

const main = async (): Promise<number> => {
  const given = readArguments(process.argv.slice(2));
  if (redisServerPath() === null) throw new Error('redis-server is not on PATH: only a real one is measured.');
  if (Bun.which('node') === null) throw new Error('node is not on PATH: the peers run on it.');
  const chosen = chosenFrom(given.goals);
  const { rounds, isQuick, isProfiled, isJson } = given;
  const sizes = isQuick ? quickSizes : fullSizes;
  // With --json only the verdicts go to where a program reads.
  const say = (line: string) => (isJson ? console.error(line) : console.log(line));
  if (isProfiled) {
    await profileBenchmarks({ chosen, sizes, say });
    return 0;
  }
  const at = new Date();
  const verdicts = await benchMessages({ chosen, sizes, rounds, say });
  for (const verdict of verdicts) console.log(isJson ? JSON.stringify(verdict) : lineOf(verdict));
  if (!isQuick) {
    await recordResults(
      verdicts.filter(({ target }) => target !== ''),
      at,
    );
    await writePage();
  }
  const held = verdicts.filter(({ holds }) => holds).length;
  say(`${held} of ${verdicts.length} goals hold${isQuick ? '; at this size that says little' : ''}`);
  return held === verdicts.length ? 0 : 1;
};

const chosenFrom = (goals: readonly string[] | undefined): readonly Benchmark[] => {
  const chosen = benchmarks.filter((one) => goals?.some((goal) => one.goals.includes(goal)) ?? true);
  if (chosen.length > 0) return chosen;
  throw new Error(`There is no such goal; there are: ${benchmarks.flatMap((one) => one.goals).join(', ')}.`);
};

const lineOf = ({ goal, title, figure, unit, target, holds, skipped }: Verdict): string =>
  `${holds ? 'holds' : 'MISSED'}  ${goal}  ${figure === null ? skipped : `${rounded(figure)} ${unit}`} (${target})  ${title}`;

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

try {
  process.exit(await main());
} catch (error) {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exit(1);
}
