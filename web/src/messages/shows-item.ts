import type { ShownItem } from '../outbox/outbox-item.ts';
import type { Timeline } from './timeline.ts';

/**
 * Whether a timeline shows what a sent command did, so that the outbox need not. What lies before the range counts as shown: it comes
 * with its page. A new message after the range is not shown yet; a change there comes with the message that it changed.
 */
export const showsItem = (timeline: Timeline, { clientId, op, settled }: ShownItem): boolean => {
  if (!settled) return true;
  const { messages, low, high } = timeline;
  if (settled.seq < low) return true;
  if (settled.seq > high) return op.kind !== 'send';
  const message = messages.get(settled.seq);
  if (op.kind === 'send') return message?.clientId === clientId;
  // Over HTTP it is answered without its rev, and what is deleted stays deleted.
  if (op.kind === 'delete') return message !== undefined && message.deletedAt !== null;
  return (message?.rev ?? 0) >= settled.rev;
};
