import type { FailureCode } from '../api/api-error.ts';

/** What a person asked for. */
export type OutboxOp =
  | { kind: 'send'; body: string; replyTo: number | null }
  | { kind: 'edit'; seq: number; body: string }
  | { kind: 'delete'; seq: number }
  | { kind: 'react'; seq: number; emoji: string; on: boolean };

/** A command as it is stored until it is settled: it survives a reload and a crash. Times in ms since the epoch. */
export type OutboxItem = {
  clientId: string;
  userId: string;
  conversationId: string;
  /** Given by the store; commands of a conversation go in this order. */
  order: number;
  at: number;
  op: OutboxOp;
  /** How often it was handed to the network; above 0 it may have been saved although no answer came. */
  attempts: number;
  /** Why it was refused for good, else null. */
  failed: FailureCode | 'expired' | null;
};

/** `sent`: answered, and shown from here until the timeline itself has it. */
export type Phase = 'waiting' | 'flying' | 'sent' | 'failed';
/** `settled` is where the change stands, of a sent one. */
export type ShownItem = OutboxItem & { phase: Phase; settled?: { seq: number; rev: number } };

/** Whether a later command sets the same reaction anew: then that one says how it stands. */
export const isOverridden = (item: OutboxItem, all: readonly OutboxItem[]): boolean =>
  all.some((another) => another.order > item.order && isSameReaction(another, item));

const isSameReaction = (one: OutboxItem, another: OutboxItem): boolean =>
  one.op.kind === 'react' &&
  another.op.kind === 'react' &&
  one.conversationId === another.conversationId &&
  one.op.seq === another.op.seq &&
  one.op.emoji === another.op.emoji;

/** The server forgets commands after 7 days; a repeat of an older one could do it twice. */
const lifeMs = 7 * 24 * 3_600_000;

export const isExpired = (item: OutboxItem, now: number): boolean => now - item.at > lifeMs;

/**
 * Whether a command that failed may have been saved: no answer says what became of it. Under another id it could be done twice, so Try
 * again keeps its id, by which the server finds what it saved, and there is no Edit: its text would stand beside what was saved. Discard
 * only stops asking.
 */
export const mayBeSaved = ({ attempts, failed }: OutboxItem): boolean =>
  attempts > 0 && (failed === 'internal' || failed === 'expired');

/** Whether nothing is under way for it, nor saved: nobody has tried to send it yet, or it was refused. */
export const isUnsent = (item: OutboxItem): boolean =>
  item.attempts === 0 || (item.failed !== null && !mayBeSaved(item));

/**
 * What may be sent now: of each conversation the oldest waiting command, if none of it is under way and its time has come. A
 * person's messages so keep their order.
 */
export const nextToSend = (
  items: readonly ShownItem[],
  dueAt: ReadonlyMap<string, number>,
  now: number,
): ShownItem[] => {
  const busy = new Set(items.filter(({ phase }) => phase === 'flying').map(({ conversationId }) => conversationId));
  const next: ShownItem[] = [];
  for (const item of items) {
    if (item.phase !== 'waiting' || busy.has(item.conversationId)) continue;
    busy.add(item.conversationId);
    if ((dueAt.get(item.clientId) ?? 0) <= now) next.push(item);
  }
  return next;
};
