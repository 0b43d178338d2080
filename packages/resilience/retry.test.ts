import { describe, expect, it } from 'bun:test';
import { isTransientDatabaseError } from './database-errors.ts';
import { fakeClock } from './fake-clock.ts';
import { retry } from './retry.ts';

const transient = (code: string) => Object.assign(new Error(code), { code });

function failing(times: number, error: () => Error) {
  const attempts: number[] = [];
  const work = async ({ attempt }: { attempt: number }) => {
    attempts.push(attempt);
    if (attempt <= times) throw error();
    return `done at ${attempt}`;
  };
  return { attempts, work };
}

const bounds = { attemptsMax: 4, baseMs: 100, capMs: 1_000, retryable: isTransientDatabaseError };

describe('retry', () => {
  it('repeats a transient failure after a jittered pause and returns the value', async () => {
    const clock = fakeClock();
    const pauses: number[] = [];
    const { work, attempts } = failing(2, () => transient('40001'));
    const onRetry = ({ pauseMs }: { pauseMs: number }) => pauses.push(pauseMs);
    const result = retry(work, { ...bounds, clock, random: () => 0.5, onRetry });
    await clock.advance(150);
    expect(await result).toBe('done at 3');
    expect(attempts).toEqual([1, 2, 3]);
    expect(pauses).toEqual([50, 100]);
  });

  it('ends with the last error after attemptsMax attempts', async () => {
    const clock = fakeClock();
    const { work, attempts } = failing(9, () => transient('40P01'));
    const result = retry(work, { ...bounds, clock }).catch((error) => error);
    await clock.advance(10_000);
    expect(await result).toMatchObject({ code: '40P01' });
    expect(attempts).toEqual([1, 2, 3, 4]);
  });

  it('does not repeat what no repeat can mend', async () => {
    const { work, attempts } = failing(1, () => transient('23505'));
    await expect(retry(work, bounds)).rejects.toThrow('23505');
    expect(attempts).toEqual([1]);
  });

  it('stops in the middle of a pause when the caller gives up', async () => {
    const clock = fakeClock();
    const caller = new AbortController();
    const { work, attempts } = failing(9, () => transient('57P01'));
    const result = retry(work, { ...bounds, clock, random: () => 0.9, signal: caller.signal }).catch((error) => error);
    await clock.advance(10);
    caller.abort(new Error('gave up'));
    expect(await result).toMatchObject({ message: 'gave up' });
    expect(attempts).toEqual([1]);
    expect(clock.sleepers()).toBe(0);
  });
});

describe('isTransientDatabaseError', () => {
  it.each([
    '40001',
    '40P01',
    '53300',
    '57P01',
    '57P02',
    '57P03',
    '08000',
    '08006',
    '08P01',
    'CONNECTION_CLOSED',
    'ECONNRESET',
    'ECONNREFUSED',
  ])('holds for %s, also as a cause', (code) => {
    expect(isTransientDatabaseError(transient(code))).toBe(true);
    expect(isTransientDatabaseError(new Error('query failed', { cause: transient(code) }))).toBe(true);
  });

  it.each(['23505', '42P01', '57014', '22001', '0A000'])('does not hold for %s', (code) => {
    expect(isTransientDatabaseError(transient(code))).toBe(false);
  });

  it('does not hold for what is no error', () => {
    expect(isTransientDatabaseError({ code: '40001' })).toBe(false);
    expect(isTransientDatabaseError(undefined)).toBe(false);
  });
});
