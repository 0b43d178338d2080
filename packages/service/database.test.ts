// Mostly waits: for what does not answer.
import { afterEach, describe, expect, it } from 'bun:test';
import { isTransientDatabaseError } from '@chatapp/resilience/database-errors';
import { ChaosProxy } from '../../chaos/proxy/proxy.ts';
import { freePort } from '../../dev/ports.ts';
import { testDatabase } from '../../dev/testing/database.ts';
import { eventually } from '../../dev/testing/eventually.ts';
import { connectDatabase, type Tries, withDatabaseRetry } from './database.ts';
import { createLog, silentLog } from './log.ts';

describe('connectDatabase', () => {
  it('tries again within about a second, however often the database was not there', async () => {
    const url = `postgres://nobody:nothing@127.0.0.1:${await freePort()}/none`;
    const sql = connectDatabase({ url, poolMax: 1, log: silentLog(), name: 'test' });
    const refused = () => sql`SELECT 1`.catch((error: { code?: string }) => error.code);
    for (let failures = 0; failures < 8; failures++) expect(await refused()).toBe('ECONNREFUSED');
    const startedAt = performance.now();
    expect(await refused()).toBe('ECONNREFUSED');
    expect(performance.now() - startedAt).toBeLessThan(6000);
    await sql.end({ timeout: 1 });
  }, 60_000);
});

describe('a connection to the database', () => {
  it('waits less than five seconds for a lock, so that whoever is kept says so in time', async () => {
    const database = await testDatabase('messages');
    const sql = connectDatabase({ url: database.url, poolMax: 1, log: silentLog(), name: 'test' });
    expect([...(await sql`SHOW lock_timeout`)]).toEqual([{ lock_timeout: '4s' }]);
    await sql.end({ timeout: 1 });
    await database.close();
  }, 60_000);

  it('that breaks is said once, however many do, and one that we end is not', async () => {
    const database = await testDatabase('messages');
    const url = new URL(database.url);
    const proxy = new ChaosProxy({ targets: [{ hostname: url.hostname, port: Number(url.port) }] });
    url.hostname = '127.0.0.1';
    url.port = String(proxy.port);
    const lines: string[] = [];
    const log = createLog({ service: 'test', level: 'warn', write: (line) => lines.push(line) });
    const sql = connectDatabase({ url: url.href, poolMax: 3, log, name: 'test' });
    const askAll = () => Promise.all([1, 2, 3].map((one) => sql`SELECT ${one}::int, pg_sleep(0.05)`));
    await askAll();
    proxy.resetAll();
    await eventually(() => lines.length > 0);
    await askAll();
    await sql.end({ timeout: 1 });
    await eventually(() => proxy.connections === 0);
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      'a connection to the database broke',
    ]);
    proxy.stop();
    await database.close();
  });
});

describe('withDatabaseRetry', () => {
  const lost = Object.assign(new Error('a lost race'), { code: '40001' });
  const told = async (...ends: (Error | 'saved')[]) => {
    const tries: Tries[] = [];
    const work = async () => {
      const end = ends.shift();
      if (end instanceof Error) throw end;
      return end;
    };
    await withDatabaseRetry(work, { onTries: (each) => tries.push(each) }).catch(() => undefined);
    return tries;
  };

  it('says how many tries a transaction took', async () => {
    expect(await told('saved')).toEqual([1]);
    expect(await told(lost, lost, 'saved')).toEqual([3]);
  });

  it('says of one that was given up, and nothing of one that no try would help', async () => {
    expect(await told(lost, lost, lost, lost, lost, 'saved')).toEqual(['failed']);
    expect(await told(lost, new Error('broken'), 'saved')).toEqual([]);
  });
});

describe('a path to the database that swallows without a word', () => {
  const opened: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of opened.splice(0).reverse()) await close();
  });

  const throughProxy = async () => {
    const database = await testDatabase('messages');
    const url = new URL(database.url);
    const proxy = new ChaosProxy({ targets: [{ hostname: url.hostname, port: Number(url.port) }] });
    url.hostname = '127.0.0.1';
    url.port = String(proxy.port);
    const sql = connectDatabase({ url: url.href, poolMax: 1, log: silentLog(), name: 'test', silenceSeconds: 2 });
    opened.push(
      database.close,
      async () => proxy.stop(),
      () => sql.end({ timeout: 0 }),
    );
    expect([...(await sql`SELECT 1 AS one`)]).toEqual([{ one: 1 }]);
    return { sql, proxy };
  };
  const codeOf = (work: Promise<unknown>) => work.then(() => 'answered').catch(({ code }) => code);

  it('ends its connections, and whatever waits for an answer can be tried again', async () => {
    const { sql, proxy } = await throughProxy();
    proxy.set({ blackHole: true });
    const waiting = [sql`SELECT 1`, sql`SELECT 2`, sql.begin((transaction) => transaction`SELECT 3`)].map(codeOf);
    expect(await waiting[0]).toBe('CONNECTION_SILENT');
    // Healed without a reset: of what was swallowed nobody will ever hear.
    proxy.set({});
    for (const code of await Promise.all(waiting)) expect(['CONNECTION_SILENT', 'answered']).toContain(code);
    expect([...(await sql`SELECT 1 AS one`)]).toEqual([{ one: 1 }]);
  });

  it('is noticed in the middle of a transaction whose statements went together', async () => {
    const { sql, proxy } = await throughProxy();
    // The first answer arrives, and nothing after it.
    proxy.tap = (direction, chunk) => {
      if (direction === 'up' || !Buffer.from(chunk).includes('first')) return 'pass';
      queueMicrotask(() => proxy.set({ blackHole: true }));
      return 'pass';
    };
    const heard: unknown[] = [];
    const together = sql.begin((transaction) =>
      Promise.all([
        transaction`SELECT 'first' AS it`.then((rows) => heard.push(...rows)),
        transaction`SELECT pg_sleep(0.1)`,
        transaction`SELECT 3`,
      ]),
    );
    const error = await together.catch((cause: unknown) => cause);
    expect(isTransientDatabaseError(error)).toBe(true);
    expect(heard).toEqual([{ it: 'first' }]);
  });

  it('is not what an idle connection, a transaction that thinks or a long answer is', async () => {
    const { sql, proxy } = await throughProxy();
    const [, thought] = await Promise.all([
      Bun.sleep(2500),
      sql.begin(async (transaction) => {
        await transaction`SELECT 1`;
        await Bun.sleep(2500);
        return await transaction`SELECT 2 AS two`;
      }),
    ]);
    expect([...thought]).toEqual([{ two: 2 }]);
    const long = await sql`SELECT repeat('x', 20000) AS text, pg_sleep(0.4) FROM generate_series(1, 8)`;
    expect(long).toHaveLength(8);
    expect(proxy.accepted).toBe(1);
  });
});
