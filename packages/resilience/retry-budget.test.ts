import { describe, expect, it } from 'bun:test';
import fc from 'fast-check';
import { fakeClock } from './fake-clock.ts';
import { createRetryBudget, windowSeconds } from './retry-budget.ts';

describe('createRetryBudget', () => {
  it('grants one retry for five calls at a ratio of 20 %', () => {
    const budget = createRetryBudget({ ratio: 0.2, minimumPerSecond: 0, clock: fakeClock() });
    for (let call = 0; call < 100; call++) budget.recordCall();
    const granted = Array.from({ length: 100 }, () => budget.takeRetry()).filter(Boolean);
    expect(granted).toHaveLength(20);
  });

  it('grants the minimum without calls', () => {
    const budget = createRetryBudget({ ratio: 0.2, minimumPerSecond: 1, clock: fakeClock() });
    const granted = Array.from({ length: 100 }, () => budget.takeRetry()).filter(Boolean);
    expect(granted).toHaveLength(windowSeconds);
  });

  it('forgets calls after the window, so that none are saved up for an outage', async () => {
    const clock = fakeClock();
    const budget = createRetryBudget({ ratio: 0.2, minimumPerSecond: 0, clock });
    for (let call = 0; call < 100; call++) budget.recordCall();
    await clock.advance(windowSeconds * 1000);
    expect(budget.takeRetry()).toBe(false);
  });

  it('never lets the retries of any ten seconds exceed their share of the calls', async () => {
    const steps = fc.array(fc.record({ pauseMs: fc.nat(3_000), calls: fc.nat(12), retries: fc.nat(12) }), {
      minLength: 1,
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(steps, fc.constantFrom(0, 1, 3), async (history, minimumPerSecond) => {
        const clock = fakeClock();
        const budget = createRetryBudget({ ratio: 0.2, minimumPerSecond, clock });
        const seen: { second: number; kind: 'call' | 'retry' }[] = [];
        const count = (kind: string, second: number) =>
          seen.filter((entry) => entry.kind === kind && entry.second > second - windowSeconds).length;
        for (const { pauseMs, calls, retries } of history) {
          await clock.advance(pauseMs);
          const second = Math.floor(clock.now() / 1000);
          for (let i = 0; i < calls; i++) {
            budget.recordCall();
            seen.push({ second, kind: 'call' });
          }
          for (let i = 0; i < retries; i++) {
            const allowed =
              count('retry', second) + 1 <= count('call', second) * 0.2 + minimumPerSecond * windowSeconds;
            expect(budget.takeRetry()).toBe(allowed);
            if (allowed) seen.push({ second, kind: 'retry' });
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
