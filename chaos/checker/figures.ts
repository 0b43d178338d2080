import type { HistoryEvent } from '../../dev/testing/history.ts';
import type { Mark } from '../outcome.ts';
import { gatherEvidence } from './evidence.ts';
import { firstShown, lagOf, lagsAfter } from './lag.ts';
import { percentile } from './percentile.ts';

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
  /** The same by whichever road, once a fault is over; from its end where the message was sent before. */
  readonly lagAfterP99Ms: number | null;
  /** HTTP requests that were answered with 5xx. */
  readonly serverErrors: number;
}

export const measureFigures = (events: readonly HistoryEvent[], marks: readonly Mark[] = []): Figures => {
  const { clients, sends, acks } = gatherEvidence(events, []);
  const resumes = clients.flatMap(({ events: own }) => resumeTimes(own));
  const answers = acks.flatMap(({ at, clientId }) => since(sends.get(clientId)?.at, at));
  const shown = firstShown(events);
  const lags = shown.filter(({ via }) => via === 'push').map(lagOf);
  return {
    resumeP99Ms: percentile(resumes, 0.99),
    resumeMaxMs: percentile(resumes, 1),
    ackP50Ms: percentile(answers, 0.5),
    ackP99Ms: percentile(answers, 0.99),
    lagP50Ms: percentile(lags, 0.5),
    lagP99Ms: percentile(lags, 0.99),
    lagAfterP99Ms: percentile(lagsAfter(shown, marks), 0.99),
    serverErrors: events.filter((event) => event.k === 'error' && event.status >= 500 && event.op.startsWith('HTTP '))
      .length,
  };
};

const since = (from: number | undefined, to: number): number[] => (from === undefined ? [] : [to - from]);

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
