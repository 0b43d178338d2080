// `bun run chaos [--fault F1,F3] [--seed 7] [--short] [--clients 200] [--conversations 40] [--rate 300] [--record folder]`: does faults to the whole
// product under load, judges each from outside, and ends with the line `N passed, N failed, N skipped`. Needs a real redis-server.
// A whole run is written to chaos/results.jsonl and docs/chaos.md; a short one, or one with other loads, only says what it found. `--record` keeps history and rows: the checker's own test reads such a recording.
import { join } from 'node:path';
import { commitOf } from '../dev/commit.ts';
import { redisServerPath } from '../dev/redis.ts';
import { readArguments } from './arguments.ts';
import { faults, shortFaults } from './faults/all.ts';
import { recordResult } from './results.ts';
import { runFaults } from './run-faults.ts';
import { sizeOf } from './size.ts';

const root = join(import.meta.dir, '..');

/** What judges, without what is written by a run. */
const judging = ['chaos', ':!chaos/results.jsonl'];

const main = async (): Promise<number> => {
  const given = readArguments(process.argv.slice(2), () => Math.floor(Math.random() * 1_000_000));
  if (redisServerPath() === null) throw new Error('redis-server is not on PATH: faults are shown on a real one only.');
  const chosen = given.faults ? faults.filter(({ id }) => given.faults?.includes(id)) : undefined;
  const unknown = given.faults?.filter((id) => !faults.some((fault) => fault.id === id)) ?? [];
  if (unknown.length > 0) throw new Error(`There is no fault ${unknown.join(', ')}.`);
  const { seed, isShort } = given;
  const isWhole = !isShort && !given.clients && !given.conversations && !given.messagesPerSecond;
  const commit = commitOf(root, ['apps', 'packages', 'dev', ...judging]);
  const now = new Date();
  const reportDir = join(root, '.data/chaos', `${now.toISOString().slice(0, 19).replaceAll(':', '')}-${seed}`);
  console.log(`seed ${seed}, commit ${commit}, reports in ${reportDir}`);
  const tally = await runFaults({
    faults: chosen ?? (isShort ? shortFaults : faults),
    ...{ seed, reportDir, size: sizeOf(given), say: (line) => console.log(line), recordTo: given.recordTo },
    onOutcome: async (outcome) => {
      if (isWhole) await recordResult(outcome, { commit, at: new Date(), faults });
    },
  });
  console.log(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`);
  return tally.failed > 0 || tally.passed === 0 ? 1 : 0;
};

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

try {
  process.exit(await main());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.log('0 passed, 1 failed, 0 skipped');
  process.exit(1);
}
