import { join } from 'node:path';
import { commitOf } from '../dev/commit.ts';
import { requireRedisServer } from '../dev/redis.ts';
import { readArguments } from './arguments.ts';
import { faults, shortFaults } from './faults/all.ts';
import { recordResult } from './results.ts';
import { runFaults } from './run-faults.ts';
import { sizeOf } from './size.ts';

const root = join(import.meta.dir, '..');

/** What judges, without what is written by a run. */
const judging = ['chaos', ':!chaos/results.jsonl'];

/** Does what the arguments ask for; answers the exit code. */
export const runChaos = async (args: readonly string[]): Promise<number> => {
  const given = readArguments(args, () => Math.floor(Math.random() * 1_000_000));
  requireRedisServer();
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
