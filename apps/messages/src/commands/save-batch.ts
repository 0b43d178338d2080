import { type Tries, withDatabaseRetry } from '@chatapp/service/database';
import type { Sql } from 'postgres';
import type { Reach } from '../failpoint.ts';
import { decideBatch } from './decide.ts';
import { Draft } from './draft.ts';
import type { KnownHeads } from './known-heads.ts';
import { lockHeads, readKnown } from './known-store.ts';
import type { Outcome, Task } from './task.ts';
import { writeDraft } from './writes-store.ts';

export interface SaveOptions {
  readonly sql: Sql;
  readonly shards: number;
  readonly now: () => number;
  readonly newId: () => string;
  readonly reach: Reach;
  /** Told of the heads that were committed. */
  readonly heads?: KnownHeads;
  readonly onTries?: ((tries: Tries) => void) | undefined;
}

/** Saves tasks in one transaction, all or none, and says what became of each, in their order. */
export type SaveBatch = (tasks: readonly Task[]) => Promise<Outcome[]>;

/**
 * The one transaction of all writes: lock the heads, read what decides, decide, write. READ COMMITTED, so that each statement after
 * the lock sees what earlier holders committed. Repeated after a lost race or a broken connection: a commit whose outcome is unknown is
 * settled by the repeat, which finds what was saved. Throws the database's error where repeating does not help.
 */
export const createSaveBatch = ({ sql, shards, now, newId, reach, heads: known, onTries }: SaveOptions): SaveBatch => {
  const attempt = (tasks: readonly Task[]) =>
    sql.begin('ISOLATION LEVEL READ COMMITTED', async (transaction) => {
      const heads = await lockHeads(transaction, tasks);
      const draft = new Draft(await readKnown(transaction, tasks, heads), new Date(now()), newId);
      const outcomes = decideBatch(tasks, draft);
      await writeDraft(transaction, draft, shards);
      reach('before-commit');
      return { outcomes, heads: draft.heads };
    });
  return async (tasks) => {
    if (tasks.length === 0) return [];
    const { outcomes, heads } = await withDatabaseRetry(() => attempt(tasks), { onTries });
    known?.note(heads);
    reach('after-commit');
    return outcomes;
  };
};
