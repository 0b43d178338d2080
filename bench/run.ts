// `bun run bench [messages|proxy|web|conversations] [--goals G1,G9] [--rounds 3] [--quick] [--json] [--profile]`: measures the product beside its peers and
// holds it against its goals. Needs a real redis-server and Node. A run of full size is written to bench/results.jsonl and docs/benchmarks.md;
// one with --profile measures nothing, it writes where the product's time goes to bench/profiles.json, unless it is quick.
// No package is imported before they are installed.
import { join } from 'node:path';
import { ensureInstalled } from '../dev/install.ts';
import { onStop } from '../dev/launchers.ts';
import { StartError } from '../dev/start-error.ts';

onStop(() => process.exit(130));

try {
  // With --json standard output holds the verdicts alone.
  await ensureInstalled(join(import.meta.dir, '..'), { say: console.error });
  const { runBench } = await import('./run-bench.ts');
  process.exit(await runBench(process.argv.slice(2)));
} catch (error) {
  // Who mistyped an option needs no stack.
  console.error(error instanceof StartError ? error.message : error);
  process.exit(1);
}
