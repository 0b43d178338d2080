import type { Id } from '@chatapp/contract/ids';
import { lockEvenDeleted, recordChange } from '../conversations/conversation-store.ts';
import type { Uses } from '../deps.ts';
import { readPlace, savePlace } from '../events/lease-store.ts';
import { hourOf, invitationEvent } from './invitation.ts';
import { expireInvitations, fillExpiryHours, listOver } from './invitation-store.ts';

/** The lease, and the row that keeps the last hour that was swept to its end. */
export const expiryLease = 'expiry';

// A month of standstill is still caught up with.
const lookBackHours = 744;
const batchMax = 200;

/** Writes down which invitations are over and tells it, each in a transaction of its conversation. Twice does no harm. */
export const sweepExpired = async ({ read, transact, now }: Uses<'read' | 'transact' | 'now'>): Promise<void> => {
  const at = now();
  const hour = hourOf(at);
  const place = Number((await read((db) => readPlace(db, expiryLease))) ?? 0);
  const first = Math.max(place, hour - lookBackHours);
  const hours = Array.from({ length: hour - first + 1 }, (_, index) => first + index);
  await read((db) => fillExpiryHours(db));
  while (true) {
    const over = await read((db) => listOver(db, { hours, now: at, limit: batchMax }));
    for (const [conversationId, ids] of byConversation(over)) {
      await transact(async (tx) => {
        const before = await lockEvenDeleted(tx, conversationId);
        if (before === undefined) return;
        const expired = await expireInvitations(tx, ids, at);
        const events = expired.map((view) => () => invitationEvent('invitation.expired', view));
        if (events.length > 0) await recordChange(tx, { before, actor: null, at, events });
      });
    }
    if (over.length < batchMax) break;
  }
  // The present hour is not over: it comes again.
  await read((db) => savePlace(db, expiryLease, String(hour)));
};

const byConversation = (rows: readonly { id: Id; conversationId: Id }[]): Map<Id, Id[]> => {
  const groups = new Map<Id, Id[]>();
  for (const { id, conversationId } of rows) groups.set(conversationId, [...(groups.get(conversationId) ?? []), id]);
  return groups;
};
