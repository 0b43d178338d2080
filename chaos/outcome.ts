import type { Counts } from './checker/check.ts';
import type { Violation } from './checker/evidence.ts';
import type { Figures } from './checker/figures.ts';
import type { Recovery } from './checker/recovery.ts';
import type { Judged } from './judged.ts';

export interface Mark {
  readonly at: number;
  readonly what: string;
  /** Whether recovery is measured from here. */
  readonly isOver: boolean;
}

/** What became of one fault under one seed. With a reason it was not judged: the machine has no right to it, or it broke off. */
export type Outcome = {
  readonly fault: string;
  readonly title: string;
  readonly seed: number;
  readonly seconds: number;
} & (
  | { readonly verdict: 'skipped' | 'failed'; readonly reason: string }
  | ({ readonly verdict: 'passed' | 'failed' } & Findings)
);

export interface Findings {
  readonly counts: Counts;
  readonly figures: Figures;
  readonly recovery: Recovery;
  /** The figures that have a limit. */
  readonly judged: readonly Judged[];
  readonly violations: readonly Violation[];
  readonly marks: readonly Mark[];
  /** How long after the end of the load every client had everything; null where one never had. */
  readonly convergedMs: number | null;
  /** Processes that ended and were started again. */
  readonly restarts: number;
  readonly clients: number;
  readonly messagesPerSecond: number;
  /** How much of the fault was done, where that is chosen: `20 crashes`. */
  readonly amount?: string | undefined;
  readonly memory: readonly Memory[];
}

/** Resident memory of a part before the fault and at the end (I8); a process that was restarted has begun anew. */
export interface Memory {
  readonly name: string;
  readonly beforeBytes: number;
  readonly afterBytes: number;
}
