import type { Violation } from './checker/evidence.ts';
import type { Figures } from './checker/figures.ts';
import type { Recovery } from './checker/recovery.ts';
import { violation } from './checker/stored.ts';
import type { Fault } from './fault.ts';

/** Where a run was slower, or louder, than the catalogue allows. */
export const overPassFigures = (fault: Fault, { maxMs }: Recovery, figures: Figures): Violation[] => [
  ...(maxMs === null || maxMs > fault.recoveryMsMax
    ? violation('I7', `throughput was back after ${maxMs ?? 'ever so many'} ms, allowed are ${fault.recoveryMsMax}`)
    : []),
  ...over('resumed (p99), ms', figures.resumeP99Ms, fault.resumeP99MsMax),
  ...over('acknowledged (p99), ms', figures.ackP99Ms, fault.ackP99MsMax),
  ...over('answered with 5xx', figures.serverErrors, fault.serverErrorsMax),
];

const over = (what: string, measured: number | null, max: number | undefined): Violation[] =>
  max !== undefined && measured !== null && measured > max
    ? violation('I7', `${what}: ${measured}, allowed are ${max}`)
    : [];
