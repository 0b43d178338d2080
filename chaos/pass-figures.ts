import type { Violation } from './checker/evidence.ts';
import type { Figures } from './checker/figures.ts';
import type { Recovery } from './checker/recovery.ts';
import { violation } from './checker/stored.ts';
import type { Fault } from './fault.ts';

/** Where a run was slower, or louder, than the catalogue allows; a short run, in CI beside others, may take `leniency` times as long. */
export const overPassFigures = (fault: Fault, { maxMs }: Recovery, figures: Figures, leniency: number): Violation[] => [
  ...(maxMs === null || maxMs > fault.recoveryMsMax * leniency
    ? violation('I7', `throughput was back after ${maxMs ?? 'ever so many'} ms, allowed are ${fault.recoveryMsMax}`)
    : []),
  ...over('resumed (p99), ms', figures.resumeP99Ms, (fault.resumeP99MsMax ?? unlimited) * leniency),
  ...over('acknowledged (p99), ms', figures.ackP99Ms, (fault.ackP99MsMax ?? unlimited) * leniency),
  ...over('answered with 5xx', figures.serverErrors, fault.serverErrorsMax ?? unlimited),
];

const unlimited = Number.POSITIVE_INFINITY;

const over = (what: string, measured: number | null, max: number): Violation[] =>
  measured !== null && measured > max ? violation('I7', `${what}: ${measured}, allowed are ${max}`) : [];
