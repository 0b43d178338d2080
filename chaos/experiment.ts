import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { eventually } from '../dev/testing/eventually.ts';
import type { HistoryEvent } from '../dev/testing/history.ts';
import { temporaryFolder } from '../dev/testing/temporary.ts';
import { check, defaultCheck } from './checker/check.ts';
import type { Violation } from './checker/evidence.ts';
import { measureFigures } from './checker/figures.ts';
import { measureRecovery } from './checker/recovery.ts';
import { violation } from './checker/stored.ts';
import type { Chaos, Fault } from './fault.ts';
import { waitingCommands } from './faults/redis-store.ts';
import { readHistory } from './history.ts';
import { type Holdings, holdingsOf, judgeHoldings, memoryOf } from './holdings.ts';
import { type Judged, overLimits } from './judged.ts';
import { LoadProcess } from './load/load-process.ts';
import type { LoadState } from './load/plan.ts';
import type { Findings, Mark, Memory, Outcome } from './outcome.ts';
import { passFigures } from './pass-figures.ts';
import { seededRandom } from './random.ts';
import { writeRecording } from './recording.ts';
import { writeReport } from './report/report.ts';
import { readHeads, readRows } from './rows-store.ts';
import type { Size } from './size.ts';
import { ChaosStack } from './stack/stack.ts';

/** One address, and a hundred people who write all day: limits are not what is looked at here. */
const unlimited = {
  COMMANDS_PER_MINUTE: '100000',
  CONVERSATION_COMMANDS_PER_MINUTE: '1000000',
  INVITATIONS_PER_HOUR: '100000',
  REQUESTS_PER_MINUTE: '100000',
  ADDRESS_REQUESTS_PER_MINUTE: '1000000',
  SIGN_INS_PER_MINUTE: '100000',
};

export interface ExperimentOptions {
  readonly seed: number;
  readonly size: Size;
  /** Takes the report and, of a failed run, history and logs. */
  readonly reportDir: string;
  readonly say: (line: string) => void;
  /** A folder that takes history and rows, whatever the verdict. */
  readonly recordTo?: string | undefined;
}

/** Starts the product, loads it, does the fault, waits until all is quiet, and judges. */
export const runExperiment = async (fault: Fault, options: ExperimentOptions): Promise<Outcome> => {
  const startedAt = performance.now();
  const { seed, reportDir } = options;
  const head = () => ({
    ...{ fault: fault.id, title: fault.title, seed },
    seconds: Math.round((performance.now() - startedAt) / 1000),
  });
  const reason = fault.lacks?.();
  if (reason !== undefined) return { ...head(), verdict: 'skipped', reason };
  const folder = temporaryFolder('chaos');
  await mkdir(reportDir, { recursive: true });
  const stack = new ChaosStack({
    ...{ folder, replicas: options.size.replicas, edges: fault.edges ?? [], random: seededRandom(seed + 1) },
    redisArguments: fault.redisArguments ?? [],
    env: { ...unlimited, EXTRA_PEOPLE: String(options.size.people), ...fault.env },
  });
  const load = new LoadProcess();
  try {
    await stack.start();
    const historyFile = join(folder, 'history.jsonl');
    const { findings, events } = await observe(fault, { ...options, stack, load, historyFile });
    const verdict = findings.violations.length === 0 ? 'passed' : 'failed';
    const outcome: Outcome = { ...head(), verdict, ...findings };
    await writeReport(join(reportDir, `${fault.id}.html`), outcome, events);
    if (verdict === 'failed') await keep(join(reportDir, fault.id), [historyFile, stack.logsDir]);
    return outcome;
  } catch (error) {
    await keep(join(reportDir, fault.id), [stack.logsDir]);
    throw error;
  } finally {
    load.kill();
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  }
};

interface Bench extends ExperimentOptions {
  readonly stack: ChaosStack;
  readonly load: LoadProcess;
  readonly historyFile: string;
}

const observe = async (fault: Fault, bench: Bench): Promise<{ findings: Findings; events: HistoryEvent[] }> => {
  const { stack, load, size, seed, historyFile } = bench;
  const sql = postgres(stack.databaseUrl, { max: 2, onnotice: () => undefined });
  // Whatever the fault does to Redis, its own connection only comes back.
  const redis = new Redis(stack.redisUrl, { maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
  try {
    const plan = {
      url: stack.url,
      historyFile,
      seed,
      paddingLength: 40,
      padding: 'x',
      changeShare: 0.1,
      ...size.load,
      ...fault.load,
    };
    const { conversations } = await load.prepare(plan);
    const scene = await play(fault, bench, { sql, redis, conversations });
    const rows = await readRows(sql, conversations);
    await load.close();
    const events = await readHistory(historyFile);
    if (bench.recordTo !== undefined) await writeRecording(bench.recordTo, { events, rows });
    const recovery = measureRecovery({
      ackedAt: events.filter(({ k }) => k === 'ack' || k === 'changed').map(({ at }) => at),
      baseline: scene.baseline,
      injectedAt: scene.marks.filter(({ isOver }) => isOver).map(({ at }) => at),
      endedAt: scene.endedAt,
    });
    const { marks, convergedMs, memory } = scene;
    const figures = measureFigures(events, marks);
    const { violations, counts } = check(events, rows, { ...defaultCheck, ...fault.check });
    const recorded = { events, marks, recovery, figures, leniency: leniencyOf(size) };
    const judged = [...passFigures(fault, recorded), ...scene.judged];
    return {
      events,
      findings: {
        ...{ counts, figures, recovery, judged, marks, convergedMs, memory, restarts: stack.deaths.length },
        messagesPerSecond: plan.messagesPerSecond,
        violations: [...violations, ...overLimits(judged), ...scene.violations],
      },
    };
  } finally {
    redis.disconnect();
    await sql.end({ timeout: 1 });
  }
};

/** A short run is made in CI beside others, and may take longer. */
const leniencyOf = ({ isShort }: Size): number => (isShort ? 3 : 1);

interface Scene {
  readonly baseline: { readonly from: number; readonly to: number };
  readonly endedAt: number;
  readonly marks: readonly Mark[];
  readonly violations: readonly Violation[];
  readonly judged: readonly Judged[];
  readonly convergedMs: number | null;
  readonly memory: readonly Memory[];
}

const play = async (
  fault: Fault,
  { stack, load, size, seed, say }: Bench,
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
  await load.begin();
  const begunAt = Date.now();
  await Bun.sleep(size.warmUpMs);
  const from = Date.now();
  await load.leave();
  await load.signOut();
  await Bun.sleep(Math.max(0, from + size.baselineMs - Date.now()));
  const to = Date.now();
  const before = await holdingsOf(chaos);
  await fault.inject(chaos);
  await Bun.sleep(Math.max(size.afterMs, begunAt + size.loadMsMin - Date.now()));
  await load.leave();
  await load.signOut();
  await Bun.sleep(1500);
  const endedAt = Date.now();
  await load.end();
  const convergedMs = await converge(load, outside, size.convergeMsMax);
  if (convergedMs === null) violations.push(...notQuiet(await load.state(), size.convergeMsMax));
  violations.push(...(await streamsEmpty(outside.redis)));
  const after = await holdingsOnceBack(chaos, before);
  // A short run ends while the services are still warming up: what they hold then says nothing.
  if (!size.isShort) judged.push(...judgeHoldings(before, after));
  const memory = memoryOf(before, after);
  return { baseline: { from, to }, endedAt, marks, violations, judged, convergedMs, memory };
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

/** What is held when all is back, or still not: connections are closed, and memory is given back, when they have been idle for a while. */
const holdingsOnceBack = async (chaos: Chaos, before: Holdings): Promise<Holdings> => {
  if (chaos.isShort) return await holdingsOf(chaos);
  const isBack = async () => {
    const now = await holdingsOf(chaos);
    return overLimits(judgeHoldings(before, now)).length === 0 && now;
  };
  return await eventually(isBack, { timeoutMs: 20_000, intervalMs: 1000 }).catch(() => holdingsOf(chaos));
};

const keep = async (folder: string, paths: readonly string[]): Promise<void> => {
  await mkdir(folder, { recursive: true });
  await Bun.spawn(['cp', '-r', ...paths, folder]).exited;
};
