import { describe, expect, it } from 'bun:test';
import { join } from 'node:path';
import { temporaryFolder } from '../dev/testing/temporary.ts';
import type { Fault } from './fault.ts';
import type { Outcome } from './outcome.ts';
import { runFaults } from './run-faults.ts';
import { shortRun } from './short-run.ts';
import { sizeOf } from './size.ts';

const run = async (...faults: Fault[]) => {
  const said: string[] = [];
  const outcomes: Outcome[] = [];
  const size = sizeOf({ isShort: true, clients: 2, conversations: 1, messagesPerSecond: 1 });
  const tally = await runFaults({
    ...{ faults, seed: 1, size, reportDir: temporaryFolder('chaos-reports') },
    say: (line) => said.push(line),
    onOutcome: async (outcome) => void outcomes.push(outcome),
  });
  return { tally, said: said.join('\n'), outcomes };
};

const fault: Fault = {
  id: 'F99',
  title: 'needs a right',
  recoveryMsMax: 1000,
  inject: () => Promise.reject(new Error('it was done')),
};

describe('runFaults', () => {
  it('skips by name what the machine gives no right to, and starts nothing', async () => {
    const { tally, said } = await run({ ...fault, lacks: () => 'no network namespaces' });
    expect(tally).toEqual({ passed: 0, failed: 0, skipped: 1 });
    expect(said).toContain('F99 skipped: no network namespaces');
    expect(said).not.toContain('it was done');
  });

  it('counts a fault that cannot be done as failed, and says why', async () => {
    const { tally, said, outcomes } = await run({ ...fault, redisArguments: ['--unheard-of', 'yes'] });
    expect(tally).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(said).toContain('F99 failed: ');
    expect(outcomes).toMatchObject([
      { fault: 'F99', seed: 1, verdict: 'failed', reason: expect.stringMatching(/^.+$/) },
    ]);
  }, 90_000);

  it('judges what there is of a fault that breaks off, and keeps its history', async () => {
    const brokenOff = shortRun({
      ...fault,
      inject: async ({ stack, wait }) => {
        for (const name of stack.namesOf('messages')) stack.signal(name, 'SIGSTOP');
        await wait(500);
        throw new Error('Did not come about');
      },
    });
    await runFaults(brokenOff.options);
    const outcome = brokenOff.outcome();
    const found = outcome !== undefined && 'violations' in outcome ? outcome : undefined;
    expect(
      found?.violations.map(({ what }) => what),
      brokenOff.said(),
    ).toEqual(['the fault broke off: Did not come about']);
    expect(found?.counts.acked).toBeGreaterThan(100);
    const kept = (file: string) => Bun.file(join(brokenOff.options.reportDir, file)).size;
    expect(kept('F99.html')).toBeGreaterThan(1000);
    expect(kept('F99/history.jsonl')).toBeGreaterThan(1000);
  }, 90_000);
});
