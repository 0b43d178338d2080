import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { migrate } from '@chatapp/service/migrate';
import { splitStatements } from '@chatapp/service/split-statements';
import postgres from 'postgres';
import { testDatabase } from '../../../dev/testing/database.ts';
import { eventually } from '../../../dev/testing/eventually.ts';
import { reapProcess } from '../../../dev/testing/reaper.ts';

const directory = join(import.meta.dir, '../migrations');
const isFull = process.env.PROOF === 'full';
const own = 'test of migrations';
/** Of the runner's own tables. */
const preparations = 2;

const openEmpty = async () => {
  const database = await testDatabase('conversations', { migrated: false });
  const sql = postgres(database.url, { max: 2, onnotice: () => undefined, connection: { application_name: own } });
  const close = async () => {
    await sql.end({ timeout: 1 });
    await database.close();
  };
  return { database, sql, close };
};

/** Everything that the migrations make, in words. */
const schemaOf = async (sql: postgres.Sql): Promise<readonly string[]> => {
  const rows = await sql<{ line: string }[]>`
    SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || a.attnotnull
      || coalesce(pg_get_expr(d.adbin, d.adrelid), '') AS line
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'conversations'::regnamespace AND c.relkind = 'r'
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'conversations'
    UNION ALL SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
      WHERE connamespace = 'conversations'::regnamespace
    UNION ALL SELECT 'applied ' || name FROM schema_migrations
    ORDER BY 1`;
  return rows.map(({ line }) => line);
};

const othersIn = async (sql: postgres.Sql): Promise<number> => {
  const [row] = await sql<{ count: number }[]>`
    SELECT count(*)::int AS count FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND application_name <> ${own}`;
  return row?.count ?? 0;
};

const statementCount = async (): Promise<number> => {
  const files = (await readdir(directory)).filter((name) => name.endsWith('.sql'));
  const texts = await Promise.all(files.map((file) => Bun.file(join(directory, file)).text()));
  return preparations + texts.flatMap(splitStatements).length;
};

const migrateAndDie = async (url: string, statement: number): Promise<NodeJS.Signals | number | null> => {
  const script = join(import.meta.dir, '../testing/migrate-and-die.ts');
  const child = Bun.spawn([process.execPath, '--no-env-file', script, url, String(statement)], {
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'inherit',
  });
  const reaped = reapProcess(child.pid);
  await child.exited;
  reaped();
  return child.signalCode;
};

describe('migrations', () => {
  let whole: readonly string[];
  let count = 0;
  beforeAll(async () => {
    const { sql, close } = await openEmpty();
    await migrate({ sql, directory });
    whole = await schemaOf(sql);
    await close();
    count = await statementCount();
  });
  afterAll(() => console.log(`${count} statements, killed at ${isFull ? 'each' : 'five'} of them (PROOF=full: each)`));

  it('are whole after kill -9 in the middle of a statement, whichever it is', async () => {
    const step = isFull ? 1 : Math.floor(count / 5);
    for (let statement = step; statement <= count; statement += step) {
      const { database, sql, close } = await openEmpty();
      expect([statement, await migrateAndDie(database.url, statement)]).toEqual([statement, 'SIGKILL']);
      const [killed] = await sql`SELECT to_regclass('migration_lease') IS NOT NULL AS has_lease`;
      // Half a minute later, when the lease of the killed one is over, and with it what its session was at.
      await eventually(async () => (await othersIn(sql)) === 0);
      if (killed?.has_lease) await sql`UPDATE migration_lease SET expires_at = now() - interval '1 second'`;
      await migrate({ sql, directory });
      expect(await schemaOf(sql)).toEqual(whole);
      await close();
    }
  }, 240_000);

  it('change nothing when all of their statements run once more', async () => {
    const { sql, close } = await openEmpty();
    await migrate({ sql, directory });
    await sql`DELETE FROM schema_migrations`;
    await migrate({ sql, directory });
    expect(await schemaOf(sql)).toEqual(whole);
    await close();
  });
});
