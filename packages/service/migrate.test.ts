import { afterEach, beforeEach, describe, expect, it } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { type TestDatabase, testDatabase } from '../../dev/testing/database.ts';
import { migrate } from './migrate.ts';

let database: TestDatabase;
let sql: postgres.Sql;
let directory: string;

beforeEach(async () => {
  database = await testDatabase('conversations', { migrated: false });
  sql = postgres(database.url, { max: 4, onnotice: () => undefined });
  directory = await mkdtemp(join(tmpdir(), 'migrations-'));
  await Bun.write(join(directory, '0001-first.sql'), 'CREATE TABLE IF NOT EXISTS a (x int); INSERT INTO a VALUES (1);');
});
afterEach(async () => {
  await sql.end({ timeout: 1 });
  await database.close();
  await rm(directory, { recursive: true });
});

describe('migrate', () => {
  it('runs each file once, in order, and a later one when it appears', async () => {
    expect(await migrate({ sql, directory })).toEqual({ applied: ['0001-first.sql'] });
    await Bun.write(join(directory, '0002-second.sql'), 'ALTER TABLE a ADD COLUMN IF NOT EXISTS y int;');
    await Bun.write(join(directory, 'notes.txt'), 'no migration');
    expect(await migrate({ sql, directory })).toEqual({ applied: ['0002-second.sql'] });
    expect(await migrate({ sql, directory })).toEqual({ applied: [] });
    expect(await sql`SELECT x, y FROM a`).toEqual([{ x: 1, y: null }] as never);
  });

  it('runs once when five instances start at once', async () => {
    const runs = await Promise.all(Array.from({ length: 5 }, () => migrate({ sql, directory })));
    expect(runs.flatMap(({ applied }) => applied)).toEqual(['0001-first.sql']);
    expect(await sql`SELECT count(*)::int AS n FROM a`).toEqual([{ n: 1 }] as never);
  });

  it('is taken up again after a fault in the middle, and gives the lease back', async () => {
    await Bun.write(join(directory, '0002-second.sql'), 'CREATE TABLE IF NOT EXISTS b (x int); SELECT missing;');
    expect(await migrate({ sql, directory }).catch((error) => error.code)).toBe('42703');
    await Bun.write(join(directory, '0002-second.sql'), 'CREATE TABLE IF NOT EXISTS b (x int);');
    expect(await migrate({ sql, directory })).toEqual({ applied: ['0002-second.sql'] });
  });

  it('takes the lease of an instance that died while migrating', async () => {
    await migrate({ sql, directory });
    await sql`INSERT INTO migration_lease VALUES (1, 'dead', now() - interval '1 second')`;
    await Bun.write(join(directory, '0002-second.sql'), 'SELECT 1;');
    expect(await migrate({ sql, directory })).toEqual({ applied: ['0002-second.sql'] });
  });
});
