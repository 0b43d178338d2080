import { isTransientDatabaseError } from '@chatapp/resilience/database-errors';
import { ProblemError } from './problem.ts';

/** `unavailable` where the database is away, full or too slow; what was to be written or asked is at fault otherwise. */
export const databaseProblem = (error: unknown): unknown => (blamesData(error) ? error : databaseUnavailable(error));

export const databaseUnavailable = (cause: unknown): ProblemError =>
  new ProblemError('unavailable', { retryAfterMs: 1000, cause });

/** Whether an error is the database's and passes without changing what was written or asked: of connections, locks, time, space. */
export const isDatabaseTrouble = (error: unknown): boolean =>
  isTransientDatabaseError(error) || (sqlStateOf(error) !== undefined && !blamesData(error));

// Feature, cardinality, data, integrity, syntax, limits, raised by a function.
const dataClasses = new Set(['0A', '21', '22', '23', '42', '44', '54', 'P0']);

/** Whether an error lies in what was written or asked. Everything else (connections, locks, time, space) passes without changing it. */
export const blamesData = (error: unknown): boolean => {
  if (error instanceof TypeError || error instanceof RangeError || error instanceof ProblemError) return true;
  const state = sqlStateOf(error);
  return state !== undefined && dataClasses.has(state.slice(0, 2));
};

// No class begins with the E of the codes of system calls.
const sqlState = /^[0-9FHPX][0-9A-Z]{4}$/;

/** Also of the causes, where drizzle-orm keeps the driver's error. */
const sqlStateOf = (error: unknown): string | undefined => {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string' && sqlState.test(cause.code)) return cause.code;
  }
  return undefined;
};
