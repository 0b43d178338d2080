import { afterEach, beforeEach, describe, expect, it } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fakeClock } from '@chatapp/resilience/fake-clock';
import postgres from 'postgres';
import { type TestDatabase, testDatabase } from '../../dev/testing/database.ts';
import { eventually } from '../../dev/testing/eventually.ts';
import { connectForMigrations } from './database.ts';
import { silentLog } from './log.ts';
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

const asOwner = async (work: (owner: postgres.Sql) => Promise<unknown>) => {
  const owner = postgres(database.ownerUrl, { max: 1 });
  await work(owner);
  await owner.end({ timeout: 1 });
};

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

  it('gives a statement all the time that it takes', async () => {
    await migrate({ sql, directory });
    const name = new URL(database.url).pathname.slice(1);
    await asOwner((owner) => owner.unsafe(`ALTER DATABASE ${name} SET statement_timeout = '2s'`));
    await Bun.write(join(directory, '0002-long.sql'), 'SELECT pg_sleep(3);');
    const limited = postgres(database.url, { max: 2, onnotice: () => undefined });
    expect(await migrate({ sql: limited, directory }).catch((error) => error.code)).toBe('57014');
    await limited.end({ timeout: 1 });
    const ours = connectForMigrations({ url: database.url, log: silentLog(), name: 'test' });
    expect(await migrate({ sql: ours, directory })).toEqual({ applied: ['0002-long.sql'] });
    expect(ours.options.silence_timeout).toBe(0);
    expect([...(await ours`SHOW lock_timeout`)]).toEqual([{ lock_timeout: '4s' }]);
    await ours.end({ timeout: 1 });
  });

  it('says how long a file takes, after two seconds and then ever more seldom, but twice a minute', async () => {
    const lines: string[] = [];
    const clock = fakeClock();
    await migrate({ sql, directory });
    await Bun.write(join(directory, '0002-second.sql'), 'ALTER TABLE a ADD COLUMN IF NOT EXISTS y int;');
    const { migrating } = await sql.begin(async (other) => {
      await other`SELECT x FROM a`;
      const running = migrate({ sql, directory, clock, log: (line) => lines.push(line) });
      await eventually(() => lines.length > 0);
      await clock.advance(1999);
      expect(lines).toEqual(['migrating 0002-second.sql']);
      await clock.advance(88_001);
      return { migrating: running };
    });
    await migrating;
    const second = (seconds: number) => `migrating 0002-second.sql: ${seconds} s so far`;
    expect(lines.slice(1)).toEqual([2, 6, 14, 30, 60, 90].map(second));
    expect(clock.sleepers()).toBe(0);
  });

  it('says that it waits for another instance', async () => {
    const lines: string[] = [];
    const clock = fakeClock();
    await migrate({ sql, directory });
    await Bun.write(join(directory, '0002-second.sql'), 'SELECT 1;');
    await sql`INSERT INTO migration_lease VALUES (1, 'other', now() + interval '1 hour')`;
    const running = migrate({ sql, directory, clock, log: (line) => lines.push(line) });
    await eventually(() => clock.sleepers() > 1);
    await clock.advance(2000);
    expect(lines).toEqual(['waiting for another instance to migrate: 2 s so far']);
    await sql`DELETE FROM migration_lease`;
    await eventually(async () => {
      await clock.advance(200);
      return lines.includes('migrating 0002-second.sql');
    });
    expect(await running).toEqual({ applied: ['0002-second.sql'] });
    expect(clock.sleepers()).toBe(0);
  });

  it('tries a statement again that another session keeps from its lock', async () => {
    await migrate({ sql, directory });
    await Bun.write(join(directory, '0002-second.sql'), 'ALTER TABLE a ADD COLUMN IF NOT EXISTS y int;');
    const impatient = postgres(database.url, { max: 2, onnotice: () => undefined, connection: { lock_timeout: 50 } });
    const lines: string[] = [];
    const { migrating } = await sql.begin(async (other) => {
      await other`SELECT x FROM a`;
      const running = migrate({ sql: impatient, directory, log: (line) => lines.push(line) });
      await eventually(() => lines.length > 1);
      return { migrating: running };
    });
    expect(await migrating).toEqual({ applied: ['0002-second.sql'] });
    expect(lines[1]).toBe('migrating 0002-second.sql: another session keeps a lock, trying again');
    await impatient.end({ timeout: 1 });
  });

  it('refuses an index that was not made to its end, until it is dropped', async () => {
    await migrate({ sql, directory });
    // As YugabyteDB leaves it where its making was given up.
    await sql`CREATE INDEX by_x ON a (x)`;
    await asOwner(
      (owner) => owner`UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'conversations.by_x'::regclass`,
    );
    await Bun.write(join(directory, '0002-second.sql'), 'CREATE INDEX IF NOT EXISTS by_x ON a (x);');
    for (let start = 0; start < 2; start++)
      expect(await migrate({ sql, directory }).catch((error) => error.message)).toContain('DROP INDEX by_x;');
    await sql`DROP INDEX by_x`;
    expect(await migrate({ sql, directory })).toEqual({ applied: ['0002-second.sql'] });
    expect(await sql`SELECT indisvalid FROM pg_index WHERE indexrelid = 'by_x'::regclass`).toEqual([
      { indisvalid: true },
    ] as never);
  });
});
