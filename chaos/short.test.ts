import { describe, expect, it } from 'bun:test';
import { shortFaults } from './faults/all.ts';
import { runFaults } from './run-faults.ts';
import { shortRun } from './short-run.ts';

// What `bun run chaos --short` does; all of the catalogue with `bun run chaos`.
describe('the whole product under load', () => {
  it.each(shortFaults.map((fault) => [`${fault.id}: ${fault.title}`, fault] as const))(
    'loses, doubles and reorders nothing at %s',
    async (_, fault) => {
      const run = shortRun(fault);
      await runFaults(run.options);
      const outcome = run.outcome();
      expect(outcome?.verdict, run.said()).toBe('passed');
      if (outcome !== undefined && 'counts' in outcome) expect(outcome.counts.acked).toBeGreaterThan(100);
    },
    120_000,
  );
});
