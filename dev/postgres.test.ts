import { describe, expect, it, onTestFinished } from 'bun:test';
import { join } from 'node:path';
import postgres from 'postgres';
import { freePort } from './ports.ts';
import { answersQueries, postgresUrl, preparePostgres } from './postgres.ts';
import { startReady } from './testing/started.ts';
import { temporaryFolder } from './testing/temporary.ts';

describe('preparePostgres', () => {
  it('keeps its data over a restart on another port, in a folder that only its owner may enter', async () => {
    const folder = join(temporaryFolder('cluster'), 'postgres');
    const password = "it's / a @ password";
    const start = async () => {
      const port = await freePort();
      const url = postgresUrl(port, password);
      const launch = await preparePostgres({ folder, port, password, durable: true });
      const started = await startReady(launch, join(folder, 'log'), () => answersQueries(url));
      const sql = postgres(url, { max: 1 });
      return { sql, stop: async () => [await sql.end(), await started.stop()] };
    };

    const first = await start();
    await first.sql`CREATE TABLE kept AS SELECT 'Ünïcode' AS word`;
    const [settings] = await first.sql`SELECT current_setting('fsync') AS fsync, lower('É') AS lower,
      current_setting('server_version_num')::int / 10000 AS version, current_setting('listen_addresses') AS listens`;
    await first.stop();
    expect(settings).toEqual({ fsync: 'on', lower: 'é', version: 15, listens: '127.0.0.1' });

    const second = await start();
    expect([...(await second.sql`SELECT word FROM kept`)]).toEqual([{ word: 'Ünïcode' }]);
    await second.stop();
  }, 60_000);

  it('lets nobody in without the password', async () => {
    const folder = join(temporaryFolder('cluster'), 'postgres');
    const port = await freePort();
    const launch = await preparePostgres({ folder, port, password: 'right', durable: false });
    const isReady = () => answersQueries(postgresUrl(port, 'right'));
    const started = await startReady(launch, join(folder, 'log'), isReady);
    expect(await answersQueries(postgresUrl(port, 'wrong'))).toBe(false);
    await started.stop();
  }, 60_000);

  it('makes its cluster where the environment names a locale that is not installed', async () => {
    const { LANG, LC_ALL } = process.env;
    onTestFinished(() => setEnvironment({ LANG, LC_ALL }));
    setEnvironment({ LANG: 'xx_YY.UTF-8', LC_ALL: undefined });
    const folder = join(temporaryFolder('cluster'), 'postgres');
    await preparePostgres({ folder, port: await freePort(), password: 'p', durable: false });
    expect(await Bun.file(join(folder, 'data', 'PG_VERSION')).exists()).toBe(true);
  }, 60_000);
});

/** Undefined is unset. */
function setEnvironment(variables: Record<string, string | undefined>): void {
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}
