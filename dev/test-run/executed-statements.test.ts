import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import postgres from 'postgres';
import { startTestPostgres, type TestPostgres } from '../testing/postgres.ts';
import { judgeStatements, rememberingSettings, rememberStatements } from './executed-statements.ts';

describe('judgeStatements', () => {
  let cluster: TestPostgres;
  beforeAll(async () => {
    cluster = await startTestPostgres(await rememberingSettings());
    expect(await rememberStatements(cluster.url)).toBe(true);
  }, 60_000);
  afterAll(() => cluster?.stop());

  it("finds what a service's role executed in any database, and nothing of others", async () => {
    const owner = postgres(cluster.url, { max: 1, onnotice: () => undefined });
    await owner`CREATE ROLE chatapp_tea LOGIN PASSWORD 'tea'`;
    await owner`CREATE DATABASE tea OWNER chatapp_tea`;
    await owner`SELECT pg_advisory_lock(1)`;
    await owner.end();
    const url = new URL(cluster.url);
    [url.username, url.password, url.pathname] = ['chatapp_tea', 'tea', '/tea'];
    const service = postgres(url.href, { max: 1, onnotice: () => undefined });
    await service`SELECT 1`;
    expect((await judgeStatements(cluster.url)).faults).toEqual([]);
    await service`SELECT pg_advisory_lock(${2}::int)`;
    await service.end();
    const { count, faults } = await judgeStatements(cluster.url);
    expect(count).toBeGreaterThan(1);
    expect(faults).toEqual([expect.stringContaining('an advisory lock: SELECT pg_advisory_lock')]);
  });
});
