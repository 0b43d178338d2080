import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { join } from 'node:path';
import { freePort } from '../../../dev/ports.ts';
import { type TestDatabase, testDatabase } from '../../../dev/testing/database.ts';
import { eventually } from '../../../dev/testing/eventually.ts';

const main = join(import.meta.dir, 'main.ts');
// Nobody listens there.
const nowhere = 'redis://127.0.0.1:1';

const run = (env: Record<string, string>) =>
  Bun.spawn([process.execPath, main], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdout: 'pipe',
    stderr: 'pipe',
  });

describe('main', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase('conversations', { migrated: false });
  }, 60_000);
  afterAll(() => database.close());

  it('migrates, serves without Redis and without the issuer, and ends on SIGTERM', async () => {
    const port = await freePort();
    const env = {
      PORT: String(port),
      DATABASE_URL: database.url,
      REDIS_URL: nowhere,
      OIDC_ISSUER: 'http://localhost:1',
    };
    const service = run(env);
    const url = `http://127.0.0.1:${port}`;
    const ready = async () => {
      const answer = await fetch(`${url}/health/ready`);
      return answer.status === 200 ? await answer.json() : undefined;
    };
    expect(await eventually(ready, { timeoutMs: 20_000 })).toEqual({
      status: 'degraded',
      parts: { database: 'ok', redis: 'down' },
    });
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    expect((await fetch(`${url}/conversations`)).status).toBe(401);
    const unknown = await fetch(`${url}/conversations`, { headers: { authorization: 'Bearer a.b.c' } });
    expect([401, 503]).toContain(unknown.status);
    const { paths } = (await (await fetch(`${url}/swagger/json`)).json()) as { paths: Record<string, unknown> };
    expect(Object.keys(paths)).toContain('/conversations/{id}/invitations');
    service.kill('SIGTERM');
    expect(await service.exited).toBe(0);
  }, 60_000);

  it('names every fault of its environment at once, without values', async () => {
    const service = run({ PORT: 'many', DATABASE_URL: 'mysql://secret@nowhere' });
    expect(await service.exited).toBe(1);
    const text = await new Response(service.stderr).text();
    for (const name of ['PORT', 'DATABASE_URL', 'REDIS_URL', 'OIDC_ISSUER']) expect(text).toContain(name);
    expect(text).not.toContain('secret');
  }, 60_000);
});
