import type { Clock } from '@chatapp/resilience/clock';
import { blamesData } from '@chatapp/service/database-problem';
import type { BuryTask } from './bury.ts';
import type { SaveBatch } from './save-batch.ts';
import { type Outcome, type Task, taskKey } from './task.ts';

export interface SplitOptions {
  readonly save: SaveBatch;
  /** Takes a task that failed alone, time and again. */
  readonly bury: BuryTask;
  readonly clock: Clock;
  readonly random: () => number;
  /** Told of each part of a batch as soon as it is saved or buried, in order: of what is committed although the rest then meets trouble, too. */
  readonly onSettled?: (outcomes: readonly Outcome[]) => void;
}

const attemptsMax = 5;
const pauseMaxMs = 20;

/**
 * Saves a batch, and where the database refuses it because of what is in it, halves it until the bad task stands alone: the others
 * are saved, in order. A task that fails alone five times is buried and answered `internal`. Trouble that is not the tasks' fault (the
 * database is away, full or locked) rises: the batch is to be tried again as it is, and then what was buried of it is not buried once more. That is remembered
 * until the next batch is settled.
 */
export const createSplitSave = (options: SplitOptions): SaveBatch => {
  const buried = new Set<string>();
  const settled = (outcomes: Outcome[]): Outcome[] => {
    options.onSettled?.(outcomes);
    return outcomes;
  };

  const split: SaveBatch = async (tasks) => {
    try {
      return settled(await options.save(tasks));
    } catch (error) {
      if (!blamesData(error)) throw error;
      const [task] = tasks;
      if (task && tasks.length === 1) return await saveAlone(task, error);
      const middle = Math.ceil(tasks.length / 2);
      const first = await split(tasks.slice(0, middle));
      return [...first, ...(await split(tasks.slice(middle)))];
    }
  };

  const saveAlone = async (task: Task, first: unknown) => {
    let error = first;
    for (let attempt = 2; attempt <= attemptsMax; attempt++) {
      await options.clock.sleep(options.random() * pauseMaxMs);
      try {
        return settled(await options.save([task]));
      } catch (next) {
        if (!blamesData(next)) throw next;
        error = next;
      }
    }
    await options.bury(task, reasonOf(error));
    buried.add(askedAs(task));
    return settled([buriedOutcome(task)]);
  };

  return async (tasks) => {
    const left = buried.size === 0 ? tasks : tasks.filter((task) => !buried.has(askedAs(task)));
    const outcomes = await split(left);
    buried.clear();
    if (left.length === tasks.length) return outcomes;
    const ofTask = new Map(outcomes.map((outcome) => [outcome.task, outcome]));
    return tasks.map((task) => ofTask.get(task) ?? buriedOutcome(task));
  };
};

/** With its time: what an operator replays is asked anew. */
const askedAs = (task: Task): string => `${taskKey(task)} ${task.at}`;

const buriedOutcome = (task: Task): Outcome => ({
  kind: 'refused',
  task,
  answer: { error: { code: 'internal', temporary: false } },
  change: null,
});

/** For the operator: the kind of failure, without the values that the database quotes. */
export const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error ? `database error ${error.code}` : error.name;
};
