import type { Clock } from '@chatapp/resilience/clock';
import { isTransientDatabaseError } from '@chatapp/resilience/database-errors';
import { retry } from '@chatapp/resilience/retry';
import { connectForMigrations, type MigrationConnection } from './database.ts';
import { migrate } from './migrate.ts';

export interface MigrateAtStartOptions {
  readonly database: MigrationConnection;
  /** Of the migrations. */
  readonly directory: string;
  readonly clock: Clock;
}

/** Waits up to about half a minute for the database and brings the service's schema up to date, over connections of its own. */
export const migrateAtStart = async ({ database, directory, clock }: MigrateAtStartOptions): Promise<void> => {
  const { log } = database;
  const sql = connectForMigrations(database);
  try {
    await retry(() => migrate({ sql, directory, clock, log: (line) => log.info(line) }), {
      attemptsMax: 60,
      baseMs: 100,
      capMs: 1000,
      retryable: isTransientDatabaseError,
      clock,
      onRetry: ({ attempt }) => attempt === 1 && log.warn('waiting for the database'),
    });
  } finally {
    await sql.end({ timeout: 1 });
  }
};
