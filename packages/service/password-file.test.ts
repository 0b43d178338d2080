import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import postgres, { type Sql } from 'postgres';
import { type TestDatabase, testDatabase } from '../../dev/testing/database.ts';
import { eventually } from '../../dev/testing/eventually.ts';
import { type TestRedis, testRedis } from '../../dev/testing/redis.ts';
import { temporaryFolder } from '../../dev/testing/temporary.ts';
import { readConfig } from './config.ts';
import { connectDatabase, withDatabaseRetry } from './database.ts';
import { silentLog } from './log.ts';
import { passwordFile } from './password-file.ts';
import { connectRedis, redisReady } from './redis.ts';

const log = silentLog();
const path = join(temporaryFolder('passwords'), 'password');
const write = (password: string) => {
  writeFileSync(`${path}.new`, `${password}\n`);
  renameSync(`${path}.new`, path);
};
const settings = { password: passwordFile('DATABASE_PASSWORD_FILE', { about: 'x' }) };
const given = () => readConfig(settings, { DATABASE_PASSWORD_FILE: path }).password;

/** Runs `work` over and over in four lanes until `during` is done; answers how often it went well, and what went wrong. */
const underLoad = async (work: () => Promise<unknown>, during: (done: () => number) => Promise<void>) => {
  const errors: unknown[] = [];
  let count = 0;
  let isOver = false;
  const lane = async () => {
    while (!isOver) {
      await work().then(
        () => count++,
        (error) => errors.push(error),
      );
    }
  };
  const lanes = Array.from({ length: 4 }, lane);
  await during(() => count).finally(() => {
    isOver = true;
  });
  await Promise.all(lanes);
  return { count, errors };
};

describe('passwordFile', () => {
  it('reads the file again at each call, and keeps the last password while the file is away or empty', () => {
    write('first');
    const password = given();
    write('second');
    expect(password()).toBe('second');
    write('');
    expect(password()).toBe('second');
    rmSync(path);
    expect(password()).toBe('second');
    expect(given).toThrow('DATABASE_PASSWORD_FILE must be a file that holds a password');
  });
});

describe('the password of the database', () => {
  let database: TestDatabase;
  let owner: Sql;
  const role = `rotated_${crypto.randomUUID().slice(0, 8)}`;
  const alter = (password: string) => owner.unsafe(`ALTER ROLE ${role} PASSWORD '${password}'`);
  const cut = () => owner`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ${role}`;

  beforeAll(async () => {
    database = await testDatabase('messages', { migrated: false });
    owner = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
    await owner.unsafe(`CREATE ROLE ${role} LOGIN PASSWORD 'first'`);
  });
  afterAll(async () => {
    await owner.unsafe(`DROP ROLE ${role}`);
    await owner.end();
    await database.close();
  });

  it('S46: is replaced under load without a restart and without an error', async () => {
    write('first');
    const url = Object.assign(new URL(database.ownerUrl), { username: role, password: 'of-no-use' }).href;
    const sql = connectDatabase({ url, password: given(), poolMax: 4, log, name: 'test' });
    const seen = new Set<number>();
    const work = async () => {
      const [row] = await withDatabaseRetry(() => sql<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`);
      if (row) seen.add(row.pid);
    };
    const { count, errors } = await underLoad(work, async (done) => {
      for (const password of ['second', 'third', 'fourth']) {
        await alter(password);
        // New connections are asked for while the role has another password than the file.
        await cut();
        write(password);
        const before = done();
        await eventually(() => done() > before + 50);
      }
    });
    expect(errors).toEqual([]);
    expect(count).toBeGreaterThan(150);
    expect(seen.size).toBeGreaterThanOrEqual(4);
    await alter('fifth');
    await cut();
    await expect(withDatabaseRetry(() => sql`SELECT 1`)).rejects.toMatchObject({ code: '28P01' });
    await sql.end({ timeout: 1 });
  });
});

describe('the password of Redis', () => {
  let server: TestRedis;
  let operator: Redis;
  beforeAll(async () => {
    server = await testRedis('real');
    operator = new Redis(server.url);
    await operator.call('ACL', 'SETUSER', 'service', 'on', '>first', '~*', '&*', '+@all');
  });
  afterAll(async () => {
    operator.disconnect();
    await server.stop();
  });

  it('S46: is replaced under load without a restart and without an error', async () => {
    write('first');
    const url = Object.assign(new URL(server.url), { username: 'service', password: 'of-no-use' }).href;
    const redis = connectRedis({ url, password: given(), role: 'commands', log });
    await redisReady(redis);
    const { count, errors } = await underLoad(
      () => redis.incr('n'),
      async (done) => {
        await operator.call('ACL', 'SETUSER', 'service', '>second');
        write('second');
        await operator.call('ACL', 'SETUSER', 'service', '<first');
        const before = done();
        await eventually(() => done() > before + 100);
      },
    );
    expect(errors).toEqual([]);
    expect(count).toBeGreaterThan(100);
    const back = new Promise((resolve) => redis.once('ready', resolve));
    await operator.call('CLIENT', 'KILL', 'USER', 'service');
    await back;
    expect(await redis.get('n')).toBe(String(count));
    redis.disconnect();
  });
});
