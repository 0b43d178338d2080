import type { HistoryEvent } from '../../dev/testing/history.ts';

/**
 * How long the last of all clients who were online at a moment was taken in by a dead connection, ms: until it was closed, by whichever side. Null where nobody was
 * online, or where one of them was never closed before `until`.
 */
export const closedAfterMs = (events: readonly HistoryEvent[], from: number, until: number): number | null => {
  const online = new Set<string>();
  const closedAt = new Map<string, number>();
  for (const { at, who, k } of events.toSorted((one, other) => one.at - other.at)) {
    if (at > until) break;
    if (at <= from && k === 'resumed') online.add(who);
    if (at <= from && (k === 'closed' || k === 'signed-out')) online.delete(who);
    if (at > from && k === 'closed' && !closedAt.has(who)) closedAt.set(who, at);
  }
  const waits = Array.from(online, (who) => (closedAt.get(who) ?? Number.POSITIVE_INFINITY) - from);
  const longest = Math.max(...waits);
  return Number.isFinite(longest) ? longest : null;
};
