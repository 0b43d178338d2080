import type { HistoryEvent, Road } from '../../dev/testing/history.ts';
import type { Mark } from '../outcome.ts';
import { percentile } from './percentile.ts';

/** A message at one client, when it was there for the first time: a later state of it is an edit, with a time of its own. */
export interface Shown {
  readonly who: string;
  readonly sentAt: number;
  readonly shownAt: number;
  readonly via: Road;
}

/** All that clients were shown of what others of them sent. */
export const firstShown = (events: readonly HistoryEvent[]): Shown[] => {
  const sentAt = new Map<string, number>();
  const known = new Set<string>();
  for (const event of events) if (event.k === 'send') sentAt.set(event.clientId, event.at);
  return events.flatMap((event) => {
    if (event.k !== 'seen') return [];
    const sent = sentAt.get(event.clientId);
    const key = `${event.who} ${event.clientId}`;
    if (sent === undefined || known.has(key)) return [];
    known.add(key);
    return [{ who: event.who, sentAt: sent, shownAt: event.at, via: event.via }];
  });
};

export const lagOf = ({ sentAt, shownAt }: Shown): number => shownAt - sentAt;

/** Of what was sent in a stretch the 95th of 100, ms; null where nothing was. */
export const lagP95Between = (shown: readonly Shown[], from: number, to: number): number | null =>
  lagBetween(shown, from, to, 0.95);

/** The same for the 99th. */
export const lagP99Between = (shown: readonly Shown[], from: number, to: number): number | null =>
  lagBetween(shown, from, to, 0.99);

const lagBetween = (shown: readonly Shown[], from: number, to: number, share: number): number | null =>
  percentile(shown.filter(({ sentAt }) => sentAt >= from && sentAt < to).map(lagOf), share);

/**
 * How late deliveries are once a fault is over, ms: from the sending, or from the end of the fault where it was sent before. What is shown
 * while the next fault lasts is left out.
 */
export const lagsAfter = (shown: readonly Shown[], marks: readonly Mark[]): number[] =>
  shown.flatMap(({ sentAt, shownAt }) => {
    const before = marks.findLast(({ at }) => at <= shownAt);
    return before?.isOver ? [shownAt - Math.max(sentAt, before.at)] : [];
  });
