import type { HistoryEvent } from '../../dev/testing/history.ts';
import { changesKept } from './changes.ts';
import { documented, type ErrorOptions } from './errors.ts';
import { gatherEvidence, type Row, type Violation } from './evidence.ts';
import { type SeenOptions, shownOnce } from './seen.ts';
import { type SessionOptions, sessionsSurvive, silentAfterSession } from './sessions.ts';
import { acknowledgedOnce, contiguous, reallySent } from './stored.ts';
import { systemRowsExplained } from './system-rows.ts';
import { shownAsWritten } from './texts.ts';

export interface CheckOptions extends SeenOptions, ErrorOptions, SessionOptions {}

export interface Counts {
  readonly sent: number;
  readonly acked: number;
  /** Edits and deletions that were answered. */
  readonly changed: number;
  readonly refused: number;
  readonly rows: number;
  readonly seen: number;
  /** States that came again on the wire and were dropped by the client. */
  readonly repeats: number;
  readonly errors: number;
  readonly resumed: number;
  readonly resets: number;
}

export interface Verdict {
  readonly violations: readonly Violation[];
  readonly counts: Counts;
}

export const defaultCheck: CheckOptions = {
  ...{ afterLeavingMs: 1000, leavingSlackMs: 1000, sessionSlackMs: 1000, sessionsMayEnd: false },
  ...{ requestMsMax: 11_000, unansweredMsMax: 11_000 },
};

/** Judges what all clients wrote against what the database holds. Knows nothing of the services. */
export const check = (
  events: readonly HistoryEvent[],
  rows: readonly Row[],
  options: CheckOptions = defaultCheck,
): Verdict => {
  const evidence = gatherEvidence(events, rows);
  return {
    violations: [
      ...acknowledgedOnce(evidence),
      ...reallySent(evidence),
      ...systemRowsExplained(evidence),
      ...changesKept(evidence),
      ...contiguous(evidence),
      ...shownOnce(evidence, options),
      ...shownAsWritten(evidence),
      ...silentAfterSession(evidence, options),
      ...sessionsSurvive(evidence, options),
      ...documented(evidence, options),
    ],
    counts: countEvents(events, rows),
  };
};

const countEvents = (events: readonly HistoryEvent[], rows: readonly Row[]): Counts => {
  const counted = new Map<string, number>();
  for (const { k } of events) counted.set(k, (counted.get(k) ?? 0) + 1);
  const of = (k: HistoryEvent['k']) => counted.get(k) ?? 0;
  return {
    sent: of('send'),
    acked: of('ack'),
    changed: of('changed'),
    refused: of('refused'),
    rows: rows.length,
    seen: of('seen'),
    repeats: of('repeat'),
    errors: of('error'),
    resumed: of('resumed'),
    resets: of('reset'),
  };
};
