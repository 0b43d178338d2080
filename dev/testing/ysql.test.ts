import { describe, expect, it } from 'bun:test';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { splitStatements } from '@chatapp/service/split-statements';
import { ysqlFaults } from './ysql.ts';

describe('ysqlFaults', () => {
  it.each([
    ['CREATE TABLE a (id bigserial)', 'a sequence'],
    ["SELECT nextval('s')", 'a sequence'],
    ['CREATE INDEX a ON b USING brin (c)', 'an index kind that does not spread'],
    ['ALTER TABLE a ADD EXCLUDE USING gist (b WITH &&)', 'EXCLUDE'],
    ['ALTER TABLE a ADD UNIQUE (b) DEFERRABLE', 'a deferrable constraint'],
    ['MERGE INTO a USING b ON true WHEN MATCHED THEN DELETE', 'MERGE'],
    ['CREATE TABLE a (b int) WITH (fillfactor = 70)', 'fillfactor'],
    ['CREATE TRIGGER a AFTER INSERT ON b EXECUTE FUNCTION c()', 'a trigger'],
    ['listen a', 'LISTEN or NOTIFY'],
    ["SELECT pg_notify('a', 'b')", 'LISTEN or NOTIFY'],
    ['SELECT pg_advisory_xact_lock($1)', 'an advisory lock'],
    ['SELECT pg_try_advisory_lock($1)', 'an advisory lock'],
    ['INSERT INTO a VALUES ($1) ON CONFLICT DO UPDATE SET b = 1 RETURNING xmax = 0', 'a system column'],
    ['DELETE FROM a WHERE ctid = $1', 'a system column'],
    ['TRUNCATE a', 'TRUNCATE'],
    ['LOCK TABLE a', 'LOCK TABLE'],
    ['CREATE INDEX CONCURRENTLY a ON b (c)', 'CONCURRENTLY'],
    ['CREATE INDEX a ON b (created_at DESC, id)', 'an index that begins with a time'],
  ])('finds what %s does', (statement, what) => {
    expect(ysqlFaults(statement)).toContain(what);
  });

  it.each([
    'SELECT id FROM members WHERE role = $1 FOR UPDATE SKIP LOCKED',
    "UPDATE a SET b = 'truncate, then notify' -- ctid\n WHERE c = $1",
    'CREATE INDEX a ON b (c, created_at DESC)',
    'SELECT max(seq) FROM messages',
  ])('finds nothing in %s', (statement) => {
    expect(ysqlFaults(statement)).toEqual([]);
  });
});

describe.each(['conversations', 'messages'])('migrations of %s', (service) => {
  const directory = join(import.meta.dir, '../../apps', service, 'migrations');
  const statements = async (): Promise<string[]> => {
    const files = (await readdir(directory)).filter((name) => name.endsWith('.sql'));
    const texts = await Promise.all(files.map((file) => Bun.file(join(directory, file)).text()));
    return texts.flatMap(splitStatements);
  };

  it('stay in what YugabyteDB and PostgreSQL share', async () => {
    const found = (await statements()).map((statement) => [statement, ysqlFaults(statement)] as const);
    expect(found.length).toBeGreaterThan(3);
    expect(found.filter(([, faults]) => faults.length > 0)).toEqual([]);
  });

  it('open no transaction: there is no DDL in one', async () => {
    expect((await statements()).filter((statement) => /^\s*(begin|start|commit)\b/i.test(statement))).toEqual([]);
  });

  it('say the direction of every later index column', async () => {
    for (const statement of await statements()) {
      const columns = /INDEX IF NOT EXISTS \w+ ON \w+ \(([^)]*)\)/.exec(statement)?.[1] ?? '';
      for (const column of columns.split(',').slice(1))
        expect([statement, column.trim()]).toEqual([statement, expect.stringMatching(/ (ASC|DESC)$/)]);
    }
  });
});
