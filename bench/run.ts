// `bun run bench [messages] [--goals G1,G9] [--rounds 3] [--quick] [--json] [--profile]`: measures the product beside its peers and
// holds it against its goals. Needs a real redis-server and Node. A run of full size is written to bench/results.jsonl and docs/benchmarks.md.
import { redisServerPath } from '../dev/redis.ts';
import { readArguments } from './arguments.ts';
import { benchMessages, benchmarks } from './messages.ts';
import { fullSizes, quickSizes } from './sizes.ts';

const main = async (): Promise<number> => {
  const given = readArguments(process.argv.slice(2));
  if (redisServerPath() === null) throw new Error('redis-server is not on PATH: only a real one is measured.');
  if (Bun.which('node') === null) throw new Error('node is not on PATH: the peers run on it.');
  const chosen = benchmarks.filter(({ goals }) => given.goals?.some((goal) => goals.includes(goal)) ?? true);
  if (chosen.length === 0)
    throw new Error(`There is no such goal; there are: ${benchmarks.flatMap(({ goals }) => goals).join(', ')}.`);
  // With --json only the verdicts go to where a program reads.
  const say = (line: string) => console.error(line);
  const verdicts = await benchMessages({
    ...{ chosen, rounds: given.rounds, say },
    sizes: given.isQuick ? quickSizes : fullSizes,
    profileDir: undefined,
  });
  for (const verdict of verdicts) console.log(JSON.stringify(verdict));
  return verdicts.every(({ holds }) => holds) ? 0 : 1;
};

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

try {
  process.exit(await main());
} catch (error) {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exit(1);
}
