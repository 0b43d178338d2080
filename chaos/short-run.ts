import { temporaryFolder } from '../dev/testing/temporary.ts';
import type { Fault } from './fault.ts';
import type { Outcome } from './outcome.ts';
import type { RunOptions } from './run-faults.ts';
import { sizeOf } from './size.ts';

/** One fault in the short form, for tests: what `runFaults` is to do, and what came of it. */
export const shortRun = (fault: Fault): { options: RunOptions; outcome(): Outcome | undefined; said(): string } => {
  const said: string[] = [];
  let outcome: Outcome | undefined;
  return {
    options: {
      ...{ faults: [fault], seed: Number(process.env.SEED ?? 1), size: sizeOf({ isShort: true }) },
      reportDir: temporaryFolder('chaos-reports'),
      say: (line) => said.push(line),
      onOutcome: async (found) => {
        outcome = found;
      },
    },
    outcome: () => outcome,
    said: () => said.join('\n'),
  };
};
