import { describe, expect, it } from 'bun:test';
import fc from 'fast-check';
import { createBulkhead } from './bulkhead.ts';
import { BulkheadFullError } from './errors.ts';

const never = new AbortController().signal;

/** Work that a test ends by hand. */
function manual() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { work: () => promise, finish: resolve };
}

describe('createBulkhead', () => {
  it('runs so many at once, lets so many wait and refuses the next', async () => {
    const bulkhead = createBulkhead({ name: 'messages', concurrencyMax: 2, queueMax: 1 });
    const jobs = [manual(), manual(), manual()];
    const running = jobs.map(({ work }) => bulkhead.run(work, never));
    expect(bulkhead.running).toBe(2);
    expect(bulkhead.queued).toBe(1);
    await expect(bulkhead.run(async () => undefined, never)).rejects.toBeInstanceOf(BulkheadFullError);
    for (const { finish } of jobs) finish();
    await Promise.all(running);
    expect(bulkhead.running).toBe(0);
  });

  it('gives the place of a caller who gave up to the next', async () => {
    const bulkhead = createBulkhead({ name: 'messages', concurrencyMax: 1, queueMax: 1 });
    const first = manual();
    const running = bulkhead.run(first.work, never);
    const caller = new AbortController();
    const gaveUp = bulkhead.run(async () => 'gave up', caller.signal);
    caller.abort(new Error('gone'));
    await expect(gaveUp).rejects.toThrow('gone');
    const next = bulkhead.run(async () => 'next', never);
    first.finish();
    await running;
    expect(await next).toBe('next');
  });

  it('frees the place of work that failed', async () => {
    const bulkhead = createBulkhead({ name: 'messages', concurrencyMax: 1, queueMax: 0 });
    await expect(bulkhead.run(() => Promise.reject(new Error('broken')), never)).rejects.toThrow('broken');
    expect(await bulkhead.run(async () => 'fine', never)).toBe('fine');
  });

  it('never runs more than allowed, keeps the order of arrival and loses nobody', async () => {
    const sizes = fc.record({
      concurrencyMax: fc.integer({ min: 1, max: 4 }),
      queueMax: fc.nat(6),
      arrivals: fc.array(fc.nat(5), { maxLength: 30 }),
    });
    await fc.assert(
      fc.asyncProperty(sizes, async ({ concurrencyMax, queueMax, arrivals }) => {
        const bulkhead = createBulkhead({ name: 'messages', concurrencyMax, queueMax });
        const started: number[] = [];
        let now = 0;
        let peak = 0;
        const results = arrivals.map((turns, index) =>
          bulkhead.run(async () => {
            started.push(index);
            peak = Math.max(peak, ++now);
            for (let turn = 0; turn < turns; turn++) await Promise.resolve();
            now--;
          }, never),
        );
        const outcomes = await Promise.allSettled(results);
        const refused = outcomes.filter(({ status }) => status === 'rejected').length;
        expect(peak).toBeLessThanOrEqual(concurrencyMax);
        expect(refused).toBe(Math.max(0, arrivals.length - concurrencyMax - queueMax));
        expect(started).toEqual(started.toSorted((a, b) => a - b));
        expect(started.length + refused).toBe(arrivals.length);
        expect(bulkhead.running).toBe(0);
        expect(bulkhead.queued).toBe(0);
      }),
    );
  });
});
