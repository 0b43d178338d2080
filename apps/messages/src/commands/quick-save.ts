import { type Tries, withDatabaseRetry } from '@chatapp/service/database';
import type { Sql } from 'postgres';
import type { Reach } from '../failpoint.ts';
import { decideBatch } from './decide.ts';
import { Draft, type Known } from './draft.ts';
import type { KnownHeads } from './known-heads.ts';
import { insertSends, isGuardRaised } from './quick-store.ts';
import type { SaveBatch } from './save-batch.ts';
import type { Outcome, Task } from './task.ts';

export interface QuickSaveOptions {
  readonly sql: Sql;
  readonly heads: KnownHeads;
  /** The checking way; notes the heads that it commits in `heads`. */
  readonly save: SaveBatch;
  readonly now: () => number;
  readonly newId: () => string;
  readonly reach: Reach;
  readonly onTries?: ((tries: Tries) => void) | undefined;
}

const nothing = new Map<never, never>();

/**
 * What nearly every batch of a shard's holder is, new sends into conversations whose heads it knows, in one statement that guards what was assumed.
 * Everything else goes the checking way, and so does a batch whose guard was raised: a repeat, a head that somebody else moved, a lost right. A
 * commit whose outcome is unknown is tried again, and then the guard is raised. What everybody loses in a transaction that commits at the same instant
 * counts from the next batch on.
 */
export const createQuickSave = ({ sql, heads, save, now, newId, reach, onTries }: QuickSaveOptions): SaveBatch => {
  const saveQuickly = async (tasks: readonly Task[]): Promise<Outcome[] | undefined> => {
    const sends = tasks.filter((task) => task.op === 'send');
    const ids = new Set(sends.map(({ conversationId }) => conversationId));
    const known = sends.length === tasks.length && sends.length > 0 ? heads.of(ids) : undefined;
    if (known === undefined) return undefined;
    const draft = new Draft(assumed(known), new Date(now()), newId);
    const outcomes = decideBatch(tasks, draft);
    // A refusal is kept, and a repeat within the batch is answered with what is written once: both are rare.
    if (outcomes.some(({ kind }) => kind !== 'saved')) return undefined;
    try {
      reach('before-commit');
      await withDatabaseRetry(() => insertSends(sql, draft, sends), { onTries });
    } catch (error) {
      heads.forget(ids);
      if (isGuardRaised(error)) return undefined;
      throw error;
    }
    heads.note(draft.heads);
    reach('after-commit');
    return outcomes;
  };
  return async (tasks) => (await saveQuickly(tasks)) ?? (await save(tasks));
};

/** As if nothing but the heads were there; the statement raises where that is not so. */
export const assumed = (heads: Known['heads']): Known => ({
  ...{
    heads,
    sent: nothing,
    applied: nothing,
    losses: nothing,
    messages: nothing,
    markers: nothing,
    seqsBefore: nothing,
  },
  reactions: new Set(),
});
