import type { HistoryEvent } from '../dev/testing/history.ts';
import type { Figures } from './checker/figures.ts';
import type { Recovery } from './checker/recovery.ts';
import { clientRepeatMs, longestSilence } from './checker/silence.ts';
import { brokenOffLater } from './checker/unanswered.ts';
import type { Fault } from './fault.ts';
import type { Judged } from './judged.ts';
import type { Mark } from './outcome.ts';

/** What a run left to be judged by. */
export interface Recorded {
  readonly events: readonly HistoryEvent[];
  readonly marks: readonly Mark[];
  readonly recovery: Recovery;
  readonly figures: Figures;
  /** How many times as long a short run, in CI beside others, may take. */
  readonly leniency: number;
}

/** The figures that the catalogue gives this fault a limit of. What could not be measured, because nobody was cut, say, is left out. */
export const passFigures = (fault: Fault, recorded: Recorded): Judged[] => {
  const { recovery, figures, leniency } = recorded;
  return [
    { invariant: 'I7', what: 'recovery, ms', value: recovery.maxMs, max: fault.recoveryMsMax * leniency },
    ...silence(fault, recorded),
    ...within('resumed p99, ms', figures.resumeP99Ms, fault.resumeP99MsMax, leniency),
    ...within('acknowledged p99, ms', figures.ackP99Ms, fault.ackP99MsMax, leniency),
    ...within('shown after the fault p99, ms', figures.lagAfterP99Ms, fault.lagAfterP99MsMax, leniency),
    ...most('answered with 5xx', figures.serverErrors, fault.serverErrorsMax),
    ...most('unanswered, but not under way at a death', () => notUnderWay(recorded), fault.unansweredMax),
    ...(fault.judge?.(recorded) ?? []),
  ];
};

/** Whoever lost an attempt asks again once its conversation is served: that is the client's time, not the service's. */
const silence = ({ recoveryMsMax }: Fault, { events, marks, leniency }: Recorded): Judged[] => {
  const value = longestSilence(events, marks);
  if (value === null) return [];
  const max = recoveryMsMax * leniency + clientRepeatMs;
  return [{ invariant: 'I7', what: 'longest silence of a conversation, ms', value, max }];
};

const within = (what: string, value: number | null, maxMs: number | undefined, leniency: number): Judged[] =>
  value === null || maxMs === undefined ? [] : [{ invariant: 'I7', what, value, max: maxMs * leniency }];

const most = (what: string, value: number | (() => number), max: number | undefined): Judged[] =>
  max === undefined ? [] : [{ invariant: 'I9', what, value: typeof value === 'number' ? value : value(), max }];

const notUnderWay = ({ events, marks }: Recorded): number =>
  brokenOffLater(
    events,
    marks.filter(({ isOver }) => isOver).map(({ at }) => at),
  ).length;
