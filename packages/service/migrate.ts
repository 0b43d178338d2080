import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, systemClock } from '@chatapp/resilience/clock';
import type { Sql } from 'postgres';
import { runMigrationFile } from './migration-file.ts';
import { sayHowLong } from './say-how-long.ts';

export interface MigrateOptions {
  /** Connected to the service's own schema (search_path), two connections at least. */
  readonly sql: Sql;
  /** Folder with `NNNN-name.sql`: one or more idempotent statements each, never edited after release. */
  readonly directory: string;
  /** Who holds the lease while migrating; a random one by default. */
  readonly owner?: string;
  readonly log?: (line: string) => void;
  readonly clock?: Clock;
}

const leaseSeconds = 30;
const waitMaxMs = 120_000;

/**
 * Brings a schema up to date: each file's statements one call each, outside a transaction (YugabyteDB runs no DDL in one), under a lease row
 * in place of an advisory lock. Killed in the middle it is taken up again: the statements are idempotent and a file is
 * noted only when all of it ran. N instances may call it at once. Answers the names of the files that this call ran.
 */
export const migrate = async (options: MigrateOptions): Promise<{ applied: string[] }> => {
  const { sql, clock = systemClock, log = () => undefined } = options;
  const owner = options.owner ?? crypto.randomUUID();
  await prepare(sql);
  const pending = await pendingFiles(options);
  if (pending.length === 0) return { applied: [] };
  const stop = sayHowLong({ what: 'waiting for another instance to migrate', clock, log });
  await takeLease(sql, owner, clock).finally(stop);
  const renewal = setInterval(() => renewLease(sql, owner).catch(() => undefined), (leaseSeconds * 1000) / 3);
  try {
    // Looked at again: another instance may have run them while this one waited for the lease.
    const files = await pendingFiles(options);
    for (const file of files) {
      await runMigrationFile({ sql, path: join(options.directory, file), file, clock, log });
      await sql`INSERT INTO schema_migrations (name) VALUES (${file}) ON CONFLICT DO NOTHING`;
    }
    return { applied: files };
  } finally {
    clearInterval(renewal);
    await sql`DELETE FROM migration_lease WHERE id = 1 AND owner = ${owner}`;
  }
};

const prepare = async (sql: Sql): Promise<void> => {
  const statements = [
    'CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())',
    'CREATE TABLE IF NOT EXISTS migration_lease (id int PRIMARY KEY, owner text NOT NULL, expires_at timestamptz NOT NULL)',
  ];
  for (const statement of statements) {
    await sql.unsafe(statement).catch((error) => {
      // Two instances at once: IF NOT EXISTS is not atomic, the loser sees 23505, 42P07 or 42710 (the row's type).
      if (!['23505', '42P07', '42710'].includes(error.code)) throw error;
    });
  }
};

const pendingFiles = async ({ sql, directory }: MigrateOptions): Promise<string[]> => {
  const names = (await readdir(directory)).filter((name) => /^\d{4}-[\w-]+\.sql$/.test(name)).sort();
  const done = await sql<{ name: string }[]>`SELECT name FROM schema_migrations`;
  const applied = new Set(done.map(({ name }) => name));
  return names.filter((name) => !applied.has(name));
};

const takeLease = async (sql: Sql, owner: string, clock: Clock): Promise<void> => {
  const endsAt = clock.now() + waitMaxMs;
  while (true) {
    const taken = await sql`
      INSERT INTO migration_lease (id, owner, expires_at) VALUES (1, ${owner}, now() + make_interval(secs => ${leaseSeconds}))
      ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at
      WHERE migration_lease.expires_at < now()
      RETURNING id`;
    if (taken.length > 0) return;
    if (clock.now() > endsAt)
      throw new Error('another instance has been migrating for two minutes; look at migration_lease');
    await clock.sleep(200);
  }
};

const renewLease = (sql: Sql, owner: string) =>
  sql`UPDATE migration_lease SET expires_at = now() + make_interval(secs => ${leaseSeconds}) WHERE id = 1 AND owner = ${owner}`;
