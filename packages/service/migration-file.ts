import type { Clock } from '@chatapp/resilience/clock';
import { retry } from '@chatapp/resilience/retry';
import type { Sql } from 'postgres';
import { sayHowLong } from './say-how-long.ts';
import { splitStatements } from './split-statements.ts';

export interface MigrationFileOptions {
  readonly sql: Sql;
  readonly path: string;
  /** Without its folder. */
  readonly file: string;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

/** Runs one file of a migration, for as long as that takes, and says so while it does. Throws where an index of the schema is not valid afterwards. */
export const runMigrationFile = async (options: MigrationFileOptions): Promise<void> => {
  const { sql, path, file, clock, log } = options;
  log(`migrating ${file}`);
  const stop = sayHowLong({ what: `migrating ${file}`, clock, log });
  try {
    for (const statement of splitStatements(await Bun.file(path).text())) await runStatement(options, statement);
    await refuseInvalidIndexes(sql);
  } finally {
    stop();
  }
};

/**
 * Who waits for a lock on a table keeps everybody waiting who comes after, so the lock's own limit holds (four seconds) and the statement is tried again: for
 * about two minutes.
 */
const runStatement = ({ sql, file, clock, log }: MigrationFileOptions, statement: string) =>
  retry(() => sql.unsafe(statement), {
    ...{ attemptsMax: 30, baseMs: 250, capMs: 1000, clock },
    retryable: (error) => error instanceof Error && 'code' in error && error.code === lockNotAvailable,
    onRetry: () => log(`migrating ${file}: another session keeps a lock, trying again`),
  });

const lockNotAvailable = '55P03';

/** What a CREATE INDEX that was given up may leave behind on YugabyteDB: `IF NOT EXISTS` would skip it for good. */
const refuseInvalidIndexes = async (sql: Sql): Promise<void> => {
  const rows = await sql<{ name: string }[]>`
    SELECT indexrelid::regclass::text AS name FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE relnamespace = current_schema()::regnamespace AND NOT indisvalid ORDER BY 1`;
  if (rows.length === 0) return;
  const drops = rows.map(({ name }) => `DROP INDEX ${name};`).join(' ');
  throw new Error(
    `an index was not made to its end; unless another session is making it, drop it and start again: ${drops}`,
  );
};
