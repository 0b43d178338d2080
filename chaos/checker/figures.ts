import type { HistoryEvent } from '../../dev/testing/history.ts';
import { type Evidence, gatherEvidence } from './evidence.ts';

/** Times that histories tell, ms; null where there is nothing to measure. */
export interface Figures {
  /** From a client's cut until it is resumed. */
  readonly resumeP99Ms: number | null;
  readonly resumeMaxMs: number | null;
  /** From sending until the answer. */
  readonly ackP50Ms: number | null;
  readonly ackP99Ms: number | null;
  /** From sending until a client is shown it by a push. */
  readonly lagP50Ms: number | null;
  readonly lagP99Ms: number | null;
  /** HTTP requests that were answered with 5xx. */
  readonly serverErrors: number;
}

export const measureFigures = (events: readonly HistoryEvent[]): Figures => {
  const { clients, sends, acks } = gatherEvidence(events, []);
  const resumes = clients.flatMap(({ events: own }) => resumeTimes(own));
  const answers = acks.flatMap(({ at, clientId }) => since(sends.get(clientId)?.at, at));
  const lags = clients.flatMap(({ events: own }) => lagsOf(own, sends));
  return {
    resumeP99Ms: percentile(resumes, 0.99),
    resumeMaxMs: percentile(resumes, 1),
    ackP50Ms: percentile(answers, 0.5),
    ackP99Ms: percentile(answers, 0.99),
    lagP50Ms: percentile(lags, 0.5),
    lagP99Ms: percentile(lags, 0.99),
    serverErrors: events.filter((event) => event.k === 'error' && event.status >= 500 && event.op.startsWith('HTTP '))
      .length,
  };
};

const since = (from: number | undefined, to: number): number[] => (from === undefined ? [] : [to - from]);

/** One for each message that a push showed first: a later state of it is an edit, with a time of its own. */
const lagsOf = (events: readonly HistoryEvent[], sends: Evidence['sends']): number[] => {
  const known = new Set<string>();
  return events.flatMap((event) => {
    if (event.k !== 'seen' || known.has(event.clientId)) return [];
    known.add(event.clientId);
    return event.via === 'push' ? since(sends.get(event.clientId)?.at, event.at) : [];
  });
};

/** One for each time that a client was cut and came back. */
const resumeTimes = (events: readonly HistoryEvent[]): number[] => {
  const times: number[] = [];
  let cutAt: number | undefined;
  for (const { k, at } of events) {
    if (k === 'closed') cutAt ??= at;
    if (k === 'signed-out') cutAt = undefined;
    if (k === 'resumed' && cutAt !== undefined) {
      times.push(at - cutAt);
      cutAt = undefined;
    }
  }
  return times;
};

export const percentile = (values: readonly number[], share: number): number | null => {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
};
