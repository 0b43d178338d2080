import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import postgres from 'postgres';
import { ensureRoles } from './database-roles.ts';
import { startTestPostgres, type TestPostgres } from './testing/postgres.ts';

describe('the role of a service', () => {
  // Of 50, ten are the superuser's own: a service may have 16.
  const sixteen = 16;
  const passwords = { conversations: 'one', messages: 'two' };
  let cluster: TestPostgres;
  let urls: Awaited<ReturnType<typeof ensureRoles>>;

  beforeAll(async () => {
    cluster = await startTestPostgres({ max_connections: '50', superuser_reserved_connections: '10' });
    urls = await ensureRoles(cluster.url, passwords);
  }, 60_000);
  afterAll(() => cluster?.stop());

  it('takes two fifths of the connections at most: the other service and the owner get in all the same', async () => {
    const sessions = await Promise.all(Array.from({ length: sixteen }, () => session(urls.messages)));
    expect(await session(urls.messages).catch(({ code }) => code)).toBe('53300');
    sessions.push(await session(urls.conversations), await session(cluster.url));
    await Promise.all(sessions.map((sql) => sql.end({ timeout: 1 })));
    await (await session(urls.messages)).end({ timeout: 1 });
  });

  it('is given its part at every start', async () => {
    const owner = await session(cluster.url);
    await owner`ALTER ROLE chatapp_messages CONNECTION LIMIT -1`;
    await ensureRoles(cluster.url, passwords);
    const roles = await owner`SELECT rolconnlimit AS most FROM pg_roles WHERE rolname LIKE 'chatapp_%'`;
    expect(roles.map(({ most }) => most)).toEqual([sixteen, sixteen]);
    await owner.end({ timeout: 1 });
  });
});

/** One connection that is open. */
const session = async (url: string): Promise<postgres.Sql> => {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  await sql`SELECT 1`;
  return sql;
};
