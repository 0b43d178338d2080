import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../ports.ts';
import { answersQueries, postgresUrl, preparePostgres } from '../postgres.ts';
import { type Started, startReady } from './started.ts';
import { temporaryFolder } from './temporary.ts';

export type TestPostgres = Started & { url: string };

/**
 * A PostgreSQL cluster of its own in a temporary folder, without durability; `url` is the superuser's. Its settings on top of ours, as the
 * server takes them.
 */
export async function startTestPostgres(settings: Record<string, string> = {}): Promise<TestPostgres> {
  const folder = temporaryFolder('postgres');
  // So that the database's user reaches the programs there when we are root.
  chmodSync(folder, 0o711);
  const password = crypto.randomUUID();
  const port = await freePort();
  const url = postgresUrl(port, password);
  const launch = await preparePostgres({ folder, port, password, durable: false });
  const further = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const command = [...launch.command, ...further];
  return { url, ...(await startReady({ ...launch, command }, join(folder, 'log'), () => answersQueries(url))) };
}

/**
 * The cluster of this test run: that of TEST_POSTGRES_URL (a superuser's URL, set by `bun run test`), else one that is
 * started at the first call and ends with this process.
 */
export async function testCluster(): Promise<string> {
  const given = process.env.TEST_POSTGRES_URL;
  if (given !== undefined && given !== '') return given;
  started ??= startTestPostgres();
  return (await started).url;
}

let started: Promise<TestPostgres> | undefined;
