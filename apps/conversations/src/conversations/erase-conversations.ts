import type { Id } from '@chatapp/contract/ids';
import type { Uses } from '../deps.ts';
import { lockEvenDeleted, recordChange } from './conversation-store.ts';
import { eraseConversation, listDeletedBefore } from './erasure-store.ts';

export const erasureLease = 'erasure';

const batchMax = 100;

/** Erases what was deleted longer ago than the period of grace, each in a transaction with its event, by which messages erases its part. */
export const sweepDeleted = async (
  { read, transact, now }: Uses<'read' | 'transact' | 'now'>,
  { graceMs }: { graceMs: number },
): Promise<void> => {
  const at = now();
  const before = new Date(at.getTime() - graceMs);
  let after: Id | undefined;
  let ids: Id[];
  do {
    ids = await read((db) => listDeletedBefore(db, { before, after, limit: batchMax }));
    for (const id of ids) await transact((tx) => eraseOne(tx, id, { at, before }));
    after = ids.at(-1);
  } while (ids.length === batchMax);
};

const eraseOne = async (
  tx: Parameters<typeof lockEvenDeleted>[0],
  id: Id,
  { at, before }: { at: Date; before: Date },
): Promise<void> => {
  const conversation = await lockEvenDeleted(tx, id);
  // Restored a moment ago, or erased by another instance.
  if (conversation === undefined || conversation.deletedAt === null || conversation.deletedAt > before) return;
  const events = [() => ({ type: 'conversation.erased', data: {} }) as const];
  await recordChange(tx, { before: conversation, actor: null, at, events });
  await eraseConversation(tx, id);
};
