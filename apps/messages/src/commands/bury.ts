import type { Log } from '@chatapp/service/log';
import type { Redis } from 'ioredis';
import { type BuryLetter, buryIn, type DeadStream } from './dead-letter-store.ts';
import type { Unsavable } from './read-entry.ts';
import type { Task } from './task.ts';

export interface BuryOptions {
  /** Answers within a bound or fails. */
  readonly redis: Redis;
  /** Counts what was set aside. */
  readonly dead: { add(): void };
  readonly log: Log;
}

/** Takes a task that cannot be saved, with the reason. */
export type BuryTask = (task: Task, reason: string) => Promise<void>;

/** Sets letters aside, and counts and tells of each that Redis took; rejects where it did not. */
export const createBury =
  ({ redis, dead, log }: BuryOptions): BuryLetter =>
  async (stream, letter) => {
    await buryIn(redis, stream, { ...letter, at: new Date().toISOString() });
    dead.add();
    log.error({ stream, reason: letter.reason }, 'set aside as a dead letter');
  };

export const createBuryCommand =
  (bury: BuryLetter): BuryTask =>
  (task, reason) =>
    bury('commands', { reason, payload: JSON.stringify(task) });

/** For commands over HTTP, which need no Redis: their answers wait for no letter, and what Redis does not take is counted and told of all the same. */
export const createBuryBeside = (buryTask: BuryTask, { dead, log }: Pick<BuryOptions, 'dead' | 'log'>): BuryTask => {
  return async (task, reason) => {
    void buryTask(task, reason).catch((error) => {
      dead.add();
      log.error({ error, reason }, 'a dead letter was lost: Redis did not take it');
    });
  };
};

export type BuryOnce = (unsavable: readonly Unsavable[]) => Promise<void>;

/** Sets aside what cannot be read or saved. Where that fails half-way the batch comes again, and what was set aside of it is left out then. */
export const createBuryOnce = (bury: BuryLetter, stream: DeadStream): BuryOnce => {
  const buried = new Set<string>();
  return async (unsavable) => {
    for (const { id, reason, payload } of unsavable) {
      if (buried.has(id)) continue;
      await bury(stream, { reason, payload });
      buried.add(id);
    }
    buried.clear();
  };
};
