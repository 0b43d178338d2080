import { describe, expect, it } from 'bun:test';
import { freePort } from '../../dev/ports.ts';
import { connectDatabase } from './database.ts';
import { silentLog } from './log.ts';

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
