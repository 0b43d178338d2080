import { idleTimeoutSeconds } from '@chatapp/service/lifecycle';
import type { Redis } from 'ioredis';
import { eventually } from '../dev/testing/eventually.ts';
import type { Violation } from './checker/evidence.ts';
import { violation } from './checker/stored.ts';
import { keepDeparting } from './departures.ts';
import type { Chaos, Fault } from './fault.ts';
import { waitingCommands } from './faults/redis-store.ts';
import { type Holdings, holdingsOf, judgeHoldings, memoryOf } from './holdings.ts';
import { type Judged, overLimits } from './judged.ts';
import type { LoadProcess } from './load/load-process.ts';
import type { LoadState } from './load/plan.ts';
import type { Mark, Memory } from './outcome.ts';
import { seededRandom } from './random.ts';
import { readHeads } from './rows-store.ts';
import { leniencyOf, type Size } from './size.ts';
import type { ChaosStack } from './stack/stack.ts';

/** What a scene is played with. */
export interface Stage {
  readonly stack: ChaosStack;
  readonly load: LoadProcess;
  readonly size: Size;
  readonly seed: number;
  readonly say: (line: string) => void;
}

/** What happened, and what was found broken or measured meanwhile. */
export interface Scene {
  readonly baseline: { readonly from: number; readonly to: number };
  readonly endedAt: number;
  readonly marks: readonly Mark[];
  readonly violations: readonly Violation[];
  readonly judged: readonly Judged[];
  readonly convergedMs: number | null;
  readonly memory: readonly Memory[];
}

/** Loads the product, does the fault, and waits until all is quiet. */
export const play = async (
  fault: Fault,
  { stack, load, size, seed, say }: Stage,
  outside: Pick<Chaos, 'sql' | 'redis' | 'conversations'>,
): Promise<Scene> => {
  const marks: Mark[] = [];
  const violations: Violation[] = [];
  const judged: Judged[] = [];
  const mark = (isOver: boolean) => (what: string) => {
    marks.push({ at: Date.now(), what, isOver });
    say(`    ${what}`);
  };
  const chaos: Chaos = {
    ...outside,
    ...{ stack, load, random: seededRandom(seed + 2), isShort: size.isShort, wait: Bun.sleep },
    mark: mark(false),
    over: mark(true),
    judge: ({ maxMs, ...figure }) =>
      judged.push({
        ...{ invariant: 'I7', ...figure },
        ...(maxMs === undefined ? {} : { max: maxMs * leniencyOf(size) }),
      }),
    violate: (...found) => violations.push(...violation(...found)),
  };
  const depart = async () => {
    await load.leave();
    await load.signOut();
  };
  await load.begin();
  const begunAt = Date.now();
  await Bun.sleep(size.warmUpMs);
  const from = Date.now();
  await depart();
  await Bun.sleep(Math.max(0, from + size.baselineMs - Date.now()));
  const to = Date.now();
  const before = await holdingsOf(chaos);
  const departing = keepDeparting(size.departures, Bun.sleep, depart);
  const brokeOff = await fault.inject(chaos).then(
    () => [],
    (error) => violation('I7', `the fault broke off: ${messageOf(error)}`),
  );
  const isWhole = brokeOff.length === 0;
  if (!isWhole) stack.heal();
  violations.push(...brokeOff);
  await departing.stop();
  await Bun.sleep(Math.max(size.afterMs, begunAt + size.loadMsMin - Date.now()));
  await depart();
  await Bun.sleep(1500);
  if (size.isShort) await untilSteady(load, { ...size.load, ...fault.load }, fault.recoveryMsMax * leniencyOf(size));
  const endedAt = Date.now();
  await load.end();
  const convergedMs = await converge(load, outside, size.convergeMsMax);
  if (convergedMs === null) violations.push(...notQuiet(await load.state(), size.convergeMsMax));
  // Half a fault may have left Redis away for good, and nobody would answer.
  if (isWhole) violations.push(...(await streamsEmpty(outside.redis)));
  const after = isWhole ? await holdingsOnceBack(chaos, before) : before;
  // A short run ends while the services are still warming up: what they hold then says nothing.
  if (!size.isShort) judged.push(...judgeHoldings(before, after));
  const memory = memoryOf(before, after);
  return { baseline: { from, to }, endedAt, marks, violations, judged, convergedMs, memory };
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const steadyMs = 2000;
/**
 * A short run is made on a busy machine, and its end is near: the load goes on until all that it sends was answered for two seconds, for as long as the recovery
 * may take. Where it never comes to that, the checker finds that it never recovered.
 */
const untilSteady = async (load: LoadProcess, { messagesPerSecond }: Size['load'], withinMs: number): Promise<void> => {
  for (const givenUpAt = performance.now() + withinMs; performance.now() < givenUpAt; ) {
    const [before, at] = [(await load.state()).acked, performance.now()];
    await Bun.sleep(steadyMs);
    const planned = ((performance.now() - at) / 1000) * messagesPerSecond;
    if ((await load.state()).acked - before >= 0.97 * planned) return;
  }
};

/** Waits until nothing is unanswered, everybody is online and has all; answers how long that took, or null. */
const converge = async (
  load: LoadProcess,
  { sql, conversations }: Pick<Chaos, 'sql' | 'conversations'>,
  withinMs: number,
): Promise<number | null> => {
  const startedAt = performance.now();
  while (performance.now() - startedAt < withinMs) {
    const state = await load.state();
    if (state.pending === 0 && state.away === 0) {
      const heads = await readHeads(sql, conversations);
      if (state.positions.every(({ c, have }) => have === heads.get(c)))
        return Math.round(performance.now() - startedAt);
    }
    await Bun.sleep(200);
  }
  return null;
};

const notQuiet = ({ pending, away }: LoadState, withinMs: number): Violation[] =>
  violation(
    'I7',
    `not quiet ${withinMs} ms after the load: ${pending} unanswered, ${away} clients away, or some behind`,
  );

/** I8: what waited is done. Entries are taken off their streams a moment after they were answered. */
const streamsEmpty = async (redis: Redis): Promise<Violation[]> => {
  const isEmpty = eventually(async () => (await waitingCommands(redis)) === 0, { timeoutMs: 10_000 });
  return isEmpty.then(
    () => [],
    async () => violation('I8', `${await waitingCommands(redis)} entries are left in the command streams`),
  );
};

/** Longer than a server keeps a connection that nobody uses: what is held still is a leak, and no pool. */
const backWithinMs = (idleTimeoutSeconds + 15) * 1000;

/** What is held when all is back, or still not. */
const holdingsOnceBack = async (chaos: Chaos, before: Holdings): Promise<Holdings> => {
  if (chaos.isShort) return await holdingsOf(chaos);
  const isBack = async () => {
    const now = await holdingsOf(chaos);
    return overLimits(judgeHoldings(before, now)).length === 0 && now;
  };
  return await eventually(isBack, { timeoutMs: backWithinMs, intervalMs: 1000 }).catch(() => holdingsOf(chaos));
};
