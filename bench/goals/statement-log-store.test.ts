import { afterAll, beforeAll, expect, it } from 'bun:test';
import { join } from 'node:path';
import postgres from 'postgres';
import { temporaryFolder } from '../../dev/testing/temporary.ts';
import { makeFolder, startPostgres } from '../system/foundation.ts';
import { StartedParts } from '../system/started-parts.ts';
import { StatementLog } from './statement-log-store.ts';

const folder = temporaryFolder('statement-log');
const parts = new StartedParts(join(folder, 'logs'));
let ownerUrl = '';
beforeAll(async () => {
  await makeFolder(folder);
  ownerUrl = await startPostgres(parts, folder);
}, 60_000);
afterAll(() => parts.stopAll());

it('counts each statement of a service once, simple, prepared or in a transaction, and nobody else’s', async () => {
  const owner = postgres(ownerUrl, { max: 1, onnotice: () => undefined });
  await owner`CREATE ROLE chatapp_messages LOGIN PASSWORD 'tea'`;
  const log = new StatementLog(ownerUrl, join(folder, 'logs/postgres.log'));
  await log.begin();
  const url = new URL(ownerUrl);
  [url.username, url.password] = ['chatapp_messages', 'tea'];
  const service = postgres(url.href, { max: 1, fetch_types: false });
  await service`SELECT ${'a text with\nLOG:  execute <unnamed>: SELECT 1'}::text`;
  await service.unsafe('SELECT 1');
  await owner`SELECT ${1}::int`;
  expect(await log.count()).toBe(2);
  // BEGIN, the statement, COMMIT.
  await service.begin((sql) => sql`SELECT ${2}::int`);
  expect(await log.count()).toBe(3);
  await log.end();
  await service`SELECT ${3}::int`;
  expect(await log.count()).toBe(0);
  await Promise.all([service.end(), owner.end()]);
});
