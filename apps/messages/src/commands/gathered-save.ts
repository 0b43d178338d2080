import { databaseProblem } from '@chatapp/service/database-problem';
import type { Log } from '@chatapp/service/log';
import { ProblemError } from '@chatapp/service/problem';
import type { Announcer } from './announcer.ts';
import { createSplitSave, type SplitOptions } from './split-batch.ts';
import type { Outcome, Task } from './task.ts';

export interface GatheredSaveOptions extends Omit<SplitOptions, 'onSettled'> {
  readonly announcer: Pick<Announcer, 'announce'>;
  readonly log: Log;
  /** Of one transaction. */
  readonly batchCommandsMax: number;
}

export interface GatheredSave {
  /** Throws `unavailable` where too much waits or the database is away; a task that cannot be saved is answered `internal`. */
  (task: Task): Promise<Outcome>;
  /** Commands that wait for a transaction. */
  readonly waiting: () => number;
}

interface Waiting {
  readonly task: Task;
  readonly since: number;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/** About what is saved in two seconds; whoever comes later comes again. */
const waitingMax = 2000;
/** Who waited longer has given up, or is about to: saving it would keep others waiting for nobody. */
const waitMaxMs = 4000;
/** Longer than a lock is waited for. Where the transaction hangs no request does; whoever asks again under the same id finds what became of it. */
const answerMaxMs = 10_000;
const lookEveryMs = 250;

/**
 * Saves the commands that come over HTTP as the streams' are saved: one transaction at a time, and who comes while it runs is in the next. A transaction a
 * command took all connections when every client came over HTTP at once, and what they read to come back to their sockets waited behind
 * it: nobody came back. What is committed is told of at once, whether or not its callers still wait; nobody waits for the publish.
 */
export const createGatheredSave = (options: GatheredSaveOptions): GatheredSave => {
  const { clock, batchCommandsMax } = options;
  let waiting: Waiting[] = [];
  let inHand: readonly Waiting[] = [];
  let isSaving = false;
  let isWatching = false;

  const run = async () => {
    if (isSaving) return;
    isSaving = true;
    while (waiting.length > 0) {
      inHand = waiting.slice(0, batchCommandsMax);
      waiting = waiting.slice(inHand.length);
      await settle(options, inHand);
    }
    inHand = [];
    isSaving = false;
  };

  /** Also while a transaction hangs, whose end nobody waits for. */
  const sendAwayLate = async () => {
    if (isWatching) return;
    isWatching = true;
    while (waiting.length > 0 || inHand.length > 0) {
      await clock.sleep(lookEveryMs);
      const isLate = (maxMs: number) => (one: Waiting) => clock.now() - one.since >= maxMs;
      const late = waiting.filter(isLate(waitMaxMs));
      waiting = waiting.slice(late.length);
      for (const { reject } of [...late, ...inHand.filter(isLate(answerMaxMs))]) reject(busy());
    }
    isWatching = false;
  };

  const gathered = (task: Task): Promise<Outcome> => {
    if (waiting.length >= waitingMax) return Promise.reject(busy());
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    waiting.push({ task, since: clock.now(), resolve, reject });
    void run();
    void sendAwayLate();
    return promise;
  };
  return Object.assign(gathered, { waiting: () => waiting.length });
};

const busy = () => new ProblemError('unavailable', { retryAfterMs: 1000 });

/** Answers and tells of each part of a batch as soon as it is settled. What the save throws are troubles of the database, and of all that is left. */
const settle = async (options: GatheredSaveOptions, batch: readonly Waiting[]): Promise<void> => {
  const { announcer, log } = options;
  const unsettled = Map.groupBy(batch, ({ task }) => task);
  const onSettled = (outcomes: readonly Outcome[]) => {
    announcer.announce(outcomes).catch((error) => log.warn({ error }, 'a change was not published'));
    for (const outcome of outcomes) unsettled.get(outcome.task)?.shift()?.resolve(outcome);
  };
  try {
    await createSplitSave({ ...options, onSettled })(batch.map(({ task }) => task));
  } catch (error) {
    for (const { reject } of [...unsettled.values()].flat()) reject(databaseProblem(error));
  }
};
