import type { HistoryEvent } from '../../dev/testing/history.ts';

/** What happened in each stretch of `stepMs` from `startAt` on. */
export interface Series {
  readonly startAt: number;
  readonly stepMs: number;
  readonly sends: readonly number[];
  readonly acks: readonly number[];
  /** States shown by push, resume, changes or page. */
  readonly deliveries: readonly number[];
  /** The longest time from a send to its showing elsewhere, of what was shown in the stretch, ms. */
  readonly lagMs: readonly number[];
}

export const seriesOf = (events: readonly HistoryEvent[], stepMs = 250): Series => {
  const timed = events.filter(({ k }) => k === 'send' || k === 'ack' || k === 'seen');
  const startAt = timed.reduce(
    (least, { at, k }) => (k === 'send' ? Math.min(least, at) : least),
    Number.POSITIVE_INFINITY,
  );
  const endAt = timed.reduce((most, { at }) => Math.max(most, at), 0);
  const steps = Math.max(1, Math.ceil((endAt - startAt + 1) / stepMs)) || 1;
  const empty = () => new Array<number>(steps).fill(0);
  const series = { sends: empty(), acks: empty(), deliveries: empty(), lagMs: empty() };
  const sentAt = new Map<string, number>();
  // A later state of a message is an edit: how long after its sending says nothing.
  const shown = new Set<string>();
  for (const event of timed) if (event.k === 'send') sentAt.set(event.clientId, event.at);
  for (const event of timed) {
    const step = Math.floor((event.at - startAt) / stepMs);
    if (step < 0) continue;
    if (event.k === 'send') add(series.sends, step);
    if (event.k === 'ack') add(series.acks, step);
    if (event.k === 'seen') {
      add(series.deliveries, step);
      const key = `${event.who} ${event.clientId}`;
      const sent = event.via === 'page' || shown.has(key) ? undefined : sentAt.get(event.clientId);
      shown.add(key);
      if (sent !== undefined) series.lagMs[step] = Math.max(series.lagMs[step] ?? 0, event.at - sent);
    }
  }
  return { startAt, stepMs, ...series };
};

const add = (counts: number[], step: number): void => {
  counts[step] = (counts[step] ?? 0) + 1;
};
