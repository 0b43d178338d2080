import type { Redis } from 'ioredis';
import type postgres from 'postgres';
import type { CheckOptions } from './checker/check.ts';
import type { Invariant } from './checker/evidence.ts';
import type { Judged } from './judged.ts';
import type { LoadProcess } from './load/load-process.ts';
import type { LoadPlan } from './load/plan.ts';
import type { Recorded } from './pass-figures.ts';
import type { Edge } from './stack/edges.ts';
import type { ChaosStack } from './stack/stack.ts';

/** What a fault has in hand while the load runs. */
export interface Chaos {
  readonly stack: ChaosStack;
  readonly load: LoadProcess;
  readonly random: () => number;
  /** The database for its superuser and Redis, past all proxies. */
  readonly sql: postgres.Sql;
  readonly redis: Redis;
  readonly conversations: readonly string[];
  /** The short form does less of the same. */
  readonly isShort: boolean;
  /** Lets the scenario go on for so long. */
  wait(ms: number): Promise<void>;
  /** A moment for the plot. */
  mark(what: string): void;
  /** A moment from which recovery is measured: the fault happened, or, where it lasts, is over. */
  over(what: string): void;
  /** A figure that the fault itself measured. A time in ms has `maxMs` for its limit: a short run, beside others, may take longer. */
  judge(figure: Omit<Judged, 'invariant'> & { readonly invariant?: Invariant; readonly maxMs?: number }): void;
  /** What the fault itself finds broken. */
  violate(invariant: Invariant, what: string, ...excerpt: readonly unknown[]): void;
}

/** One entry of the catalogue in faults.md: how it is done, and what is allowed to follow from it. */
export interface Fault {
  /** `F1`, as the catalogue names it. */
  readonly id: string;
  readonly title: string;
  /** How much of it a run does, where that is chosen: `20 crashes`. */
  readonly amount?: (isShort: boolean) => string;
  /** In what it differs from the catalogue in faults.md, for whoever reads the results. */
  readonly differs?: string;
  readonly edges?: readonly Edge[];
  readonly redisArguments?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly load?: Partial<Omit<LoadPlan, 'url' | 'historyFile' | 'seed'>>;
  readonly check?: Partial<CheckOptions>;
  /** Of I7: the longest until 95 % of the throughput is back. */
  readonly recoveryMsMax: number;
  /** From a client's cut until it is resumed, 99 of 100. */
  readonly resumeP99MsMax?: number;
  /** From sending until the answer, 99 of 100. */
  readonly ackP99MsMax?: number;
  /** From sending until a client is shown it, 99 of 100, once the fault is over: from its end where it was sent before. */
  readonly lagAfterP99MsMax?: number;
  /** How many HTTP requests may be answered with 5xx. */
  readonly serverErrorsMax?: number;
  /** How many HTTP requests may stay without an answer that were not under way when a process died. */
  readonly unansweredMax?: number;
  /** Further figures of this fault, from what was recorded. */
  readonly judge?: (recorded: Recorded) => readonly Judged[];
  /** Which privilege of the machine is missing, if one is. */
  readonly lacks?: () => string | undefined;
  readonly inject: (chaos: Chaos) => Promise<void>;
}
