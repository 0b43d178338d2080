import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import postgres from 'postgres';
import type { HistoryEvent } from '../dev/testing/history.ts';
import { temporaryFolder } from '../dev/testing/temporary.ts';
import { type CheckOptions, check, defaultCheck } from './checker/check.ts';
import { measureFigures } from './checker/figures.ts';
import { measureRecovery } from './checker/recovery.ts';
import type { Fault } from './fault.ts';
import { readHistory } from './history.ts';
import { overLimits } from './judged.ts';
import { LoadProcess } from './load/load-process.ts';
import { loadFigures } from './load-figures.ts';
import type { Findings, Outcome } from './outcome.ts';
import { passFigures } from './pass-figures.ts';
import { seededRandom } from './random.ts';
import { writeRecording } from './recording.ts';
import { writeReport } from './report/report.ts';
import { readRows } from './rows-store.ts';
import { play } from './scene.ts';
import { leniencyOf, type Size } from './size.ts';
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
    env: { ...unlimited, EXTRA_PEOPLE: String(fault.load?.people ?? options.size.people), ...fault.env },
  });
  const load = new LoadProcess();
  const historyFile = join(folder, 'history.jsonl');
  try {
    await stack.start();
    const { findings, events } = await observe(fault, { ...options, stack, load, historyFile });
    const verdict = findings.violations.length === 0 ? 'passed' : 'failed';
    const outcome: Outcome = { ...head(), verdict, ...findings };
    await writeReport(join(reportDir, `${fault.id}.html`), outcome, events);
    if (verdict === 'failed') await keep(join(reportDir, fault.id), [historyFile, stack.logsDir]);
    return outcome;
  } catch (error) {
    // What is not written yet; where the load hangs too, without it.
    await Promise.race([load.close(), Bun.sleep(5000)]).catch(() => undefined);
    await keep(join(reportDir, fault.id), [historyFile, stack.logsDir]);
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
      plannedPerSecond: plan.messagesPerSecond,
      marks: scene.marks,
      endedAt: scene.endedAt,
    });
    const { marks, convergedMs, memory } = scene;
    const figures = measureFigures(events, marks);
    const { violations, counts } = check(events, rows, { ...lenientCheck(leniencyOf(size)), ...fault.check });
    const recorded = { events, marks, recovery, figures, leniency: leniencyOf(size) };
    const { baselinePerSecond } = recovery;
    const loaded = loadFigures({ acked: counts.acked, baselinePerSecond }, { plan, isShort: size.isShort });
    const judged = [...loaded, ...passFigures(fault, recorded), ...scene.judged];
    return {
      events,
      findings: {
        ...{ counts, figures, recovery, judged, marks, convergedMs, memory, restarts: stack.deaths.length },
        ...{ clients: plan.clients, messagesPerSecond: plan.messagesPerSecond, amount: fault.amount?.(size.isShort) },
        violations: [...violations, ...overLimits(judged), ...scene.violations],
      },
    };
  } finally {
    redis.disconnect();
    await sql.end({ timeout: 1 });
  }
};

/** The deadlines of the ends of memberships and sessions, in a short run as much longer as all others. */
const lenientCheck = (leniency: number): CheckOptions => ({
  ...defaultCheck,
  leavingSlackMs: defaultCheck.leavingSlackMs * leniency,
  sessionSlackMs: defaultCheck.sessionSlackMs * leniency,
});

const keep = async (folder: string, paths: readonly string[]): Promise<void> => {
  await mkdir(folder, { recursive: true });
  // What broke off before its load has no history.
  const there = paths.filter((path) => existsSync(path));
  await Bun.spawn(['cp', '-r', ...there, folder]).exited;
};
