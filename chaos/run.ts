// `bun run chaos [--fault F1,F3] [--seed 7] [--short] [--clients 200] [--conversations 40] [--rate 300] [--record folder]`: does faults to the whole
// product under load, judges each from outside, and ends with the line `N passed, N failed, N skipped`. Needs a real redis-server.
// A whole run is written to chaos/results.jsonl and docs/chaos.md; a short one, or one with other loads, only says what it found. `--record` keeps history and rows: the checker's own test reads such a recording.
// No package is imported before they are installed.
import { join } from 'node:path';
import { ensureInstalled } from '../dev/install.ts';
import { onStop } from '../dev/launchers.ts';

onStop(() => process.exit(130));

try {
  await ensureInstalled(join(import.meta.dir, '..'));
  const { runChaos } = await import('./run-chaos.ts');
  process.exit(await runChaos(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.log('0 passed, 1 failed, 0 skipped');
  process.exit(1);
}
