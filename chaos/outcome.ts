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

/** What became of one fault under one seed. */
export type Outcome = {
  readonly fault: string;
  readonly title: string;
  readonly seed: number;
  readonly seconds: number;
} & ({ readonly verdict: 'skipped'; readonly reason: string } | ({ readonly verdict: 'passed' | 'failed' } & Findings));

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
  readonly messagesPerSecond: number;
  readonly memory: readonly Memory[];
}

/** Resident memory of a part before the fault and at the end (I8); a process that was restarted has begun anew. */
export interface Memory {
  readonly name: string;
  readonly beforeBytes: number;
  readonly afterBytes: number;
}
