import { isTransientDatabaseError } from '@chatapp/resilience/database-errors';
import { retry } from '@chatapp/resilience/retry';
import postgres from 'postgres';
import type { Log } from './log.ts';

export interface DatabaseOptions {
  readonly url: string;
  /** In place of the URL's, asked for at every new connection. */
  readonly password?: (() => string) | undefined;
  readonly poolMax: number;
  readonly log: Log;
  /** Shown in pg_stat_activity. */
  readonly name: string;
  /** So long after a question, or after the last word of its answer, a connection is given up; 0: never. */
  readonly silenceSeconds?: number;
  /** Further session settings; postgres.js drops falsy values, so pass text (`"0"`). */
  readonly settings?: Record<string, string>;
}

const statementMs = 10_000;
/** What a lock keeps from its work says so within five seconds: until it is given up nobody hears of it. */
const lockMs = 4000;

/**
 * A pool. Its statements end by themselves: what waits longer than these bounds would only pile up. The server's bounds do not help where the path to it
 * is what fell silent, so a connection ends after a silence that no statement may last (0041).
 */
export const connectDatabase = ({
  url,
  password,
  poolMax,
  log,
  name,
  silenceSeconds = statementMs / 1000 + 2,
  settings,
}: DatabaseOptions): postgres.Sql =>
  postgres(url, {
    ...(password === undefined ? {} : { password }),
    max: poolMax,
    idle_timeout: 300,
    max_lifetime: 3600,
    connect_timeout: 5,
    silence_timeout: silenceSeconds,
    backoff: reconnectSeconds,
    fetch_types: true,
    onnotice: (notice) => log.debug({ notice: notice.message }, 'database notice'),
    onclose: noteBroken(log),
    connection: {
      application_name: name,
      statement_timeout: statementMs,
      lock_timeout: lockMs,
      idle_in_transaction_session_timeout: 3000,
      ...settings,
    },
  });

export type MigrationConnection = Pick<DatabaseOptions, 'url' | 'password' | 'log' | 'name'>;

/**
 * For migrations, one of whose statements may take an hour on a large table: without the bounds of requests, but for the one on locks, for behind who waits
 * for one everybody waits. The second connection keeps the lease.
 */
export const connectForMigrations = (options: MigrationConnection): postgres.Sql =>
  connectDatabase({ ...options, poolMax: 2, silenceSeconds: 0, settings: { statement_timeout: '0' } });

const brokenQuietMs = 1000;

/** What is tried again fails nobody, and would be seen by nobody. One line a second, however many connections break. */
const noteBroken = (log: Log): ((id: number, isOurs: boolean) => void) => {
  let saidAt = Number.NEGATIVE_INFINITY;
  return (_, isOurs) => {
    const now = performance.now();
    if (isOurs || now - saidAt < brokenQuietMs) return;
    saidAt = now;
    log.warn('a connection to the database broke');
  };
};

/** The library's own grows to twenty seconds: so long a service would stay away from a database that is back. */
const reconnectSeconds = (failures: number): number => Math.min(0.05 * 2 ** failures, 1) * (0.5 + Math.random() / 2);

const passesByItself = (error: unknown): boolean => isTransientDatabaseError(error) || isPasswordRefused(error);

/** While a password is replaced, role and file differ for a moment: the next connection reads the file anew. */
const isPasswordRefused = (error: unknown): boolean =>
  error instanceof Error && (('code' in error && error.code === '28P01') || isPasswordRefused(error.cause));

/** How many tries a transaction took; `failed` where none of them did. */
export type Tries = number | 'failed';

export interface DatabaseRetryOptions {
  readonly signal?: AbortSignal;
  /** Told of each transaction that was committed, and of each that was given up after all of its tries. */
  readonly onTries?: ((tries: Tries) => void) | undefined;
}

/** Runs a transaction again after a lost race or a broken connection. Only for work whose every write is idempotent: a commit's outcome may be unknown. */
export const withDatabaseRetry = async <T>(
  work: () => Promise<T>,
  { signal, onTries }: DatabaseRetryOptions = {},
): Promise<T> => {
  let tries = 0;
  const once = () => {
    tries++;
    return work();
  };
  const options = { attemptsMax: 5, baseMs: 20, capMs: 500, retryable: passesByItself, ...(signal ? { signal } : {}) };
  try {
    const result = await retry(once, options);
    onTries?.(tries);
    return result;
  } catch (error) {
    if (passesByItself(error)) onTries?.('failed');
    throw error;
  }
};
