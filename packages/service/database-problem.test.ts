import { describe, expect, it } from 'bun:test';
import { blamesData, isDatabaseTrouble } from './database-problem.ts';
import { ProblemError } from './problem.ts';
import { toProblem } from './service-app.ts';

const databaseError = (code: string) => Object.assign(new Error('from the database'), { code });
/** As drizzle-orm hands it on. */
const wrapped = (code: string) => new Error('Failed query', { cause: databaseError(code) });

/** A lock that is kept, a statement that ran out of time, a standby, a transaction that hung, no room, a lost race, no connection. */
const troubles = ['55P03', '57014', '25006', '25P03', '53100', '40001', 'CONNECTION_CLOSED'];
/** What was written or asked: a double, a missing table, a bad text, something that is not supported. */
const faults = ['23505', '42P01', '22001', '0A000'];

describe('isDatabaseTrouble', () => {
  it.each(troubles)('holds for %s, also as a cause', (code) => {
    expect([databaseError(code), wrapped(code)].map(isDatabaseTrouble)).toEqual([true, true]);
  });

  it.each([...faults, 'EPERM', 'ERR_INVALID_ARG'])('does not hold for %s', (code) => {
    expect([databaseError(code), wrapped(code)].map(isDatabaseTrouble)).toEqual([false, false]);
  });

  it('does not hold for what is not of the database', () => {
    expect([new Error('a bug'), new TypeError('a bug'), 'text', undefined].map(isDatabaseTrouble)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('blamesData', () => {
  it.each(faults)('holds for %s, also as a cause', (code) => {
    expect([databaseError(code), wrapped(code)].map(blamesData)).toEqual([true, true]);
  });

  it.each(troubles)('does not hold for %s', (code) => {
    expect([databaseError(code), wrapped(code)].map(blamesData)).toEqual([false, false]);
  });
});

describe('toProblem', () => {
  it.each(troubles)('makes %s of the database unavailable, with a time to come again', (code) => {
    expect(toProblem(wrapped(code))).toMatchObject({ code: 'unavailable', retryAfterMs: 1000 });
  });

  it.each(faults)('makes %s of the database internal', (code) => {
    expect(toProblem(wrapped(code)).code).toBe('internal');
  });

  it('keeps a problem that has such a cause', () => {
    const problem = new ProblemError('conflict', { cause: databaseError('55P03') });
    expect(toProblem(problem)).toBe(problem);
  });
});
