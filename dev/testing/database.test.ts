import { afterAll, describe, expect, it } from 'bun:test';
import postgres from 'postgres';
import { type TestDatabase, testDatabase } from './database.ts';

describe('testDatabase', () => {
  const made: TestDatabase[] = [];
  const make = async () => {
    const database = await testDatabase('messages', { migrated: false });
    made.push(database);
    return database;
  };
  afterAll(async () => {
    await Promise.all(made.map((database) => database.close()));
  });

  it("gives the service's role its schema as the place of unqualified names", async () => {
    const { url } = await make();
    const sql = postgres(url, { max: 1 });
    await sql`CREATE TABLE probe (id int)`;
    const [row] = await sql`SELECT current_user AS role, schemaname FROM pg_tables WHERE tablename = 'probe'`;
    await sql.end();
    expect(row).toMatchObject({ role: 'chatapp_messages', schemaname: 'messages' });
  });

  it('gives each caller a database of its own, also when many ask at once', async () => {
    const databases = await Promise.all([make(), make(), make()]);
    expect(new Set(databases.map(({ url }) => url)).size).toBe(3);
    await Promise.all(
      databases.map(async ({ url }) => {
        const sql = postgres(url, { max: 1 });
        await sql`CREATE TABLE probe (id int)`;
        await sql.end();
      }),
    );
  });
});
