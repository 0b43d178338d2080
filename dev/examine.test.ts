import { describe, expect, it } from 'bun:test';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { claimDataFolder } from './data-folder.ts';
import { examine, type Finding } from './examine.ts';
import { freePort } from './ports.ts';
import { RunFileWriter } from './run-file.ts';
import { testRedis } from './testing/redis.ts';
import { temporaryFolder } from './testing/temporary.ts';

const root = join(import.meta.dir, '..');

async function look(env: Record<string, string>): Promise<{ wrong: string[]; findings: Finding[] }> {
  const findings = await examine(root, env);
  return { wrong: findings.filter(({ state }) => state === 'wrong').map(({ name }) => name), findings };
}

/** A copy of its own. */
const free = async () => ({ CHATAPP_DATA_DIR: temporaryFolder('doctor'), PORT: String(await freePort()) });

async function listenOn(port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen({ port, host: '127.0.0.1' }, resolve));
  return server;
}

describe('examine', () => {
  it('finds nothing wrong on a machine that runs the tests', async () => {
    const { wrong } = await look(await free());
    expect(wrong).toEqual([]);
  });

  it('finds a wrong setting and says what it may be', async () => {
    const { wrong, findings } = await look({ PORT: 'many' });
    expect(wrong).toEqual(['configuration']);
    expect(findings.find(({ name }) => name === 'configuration')?.mend).toContain('65535');
  });

  it('finds a data folder that cannot be made, and says all the rest too', async () => {
    const file = join(temporaryFolder('doctor'), 'file');
    await Bun.write(file, '');
    const dataDir = join(file, 'a', 'b');
    const { wrong, findings } = await look({ CHATAPP_DATA_DIR: dataDir, PORT: String(await freePort()) });
    expect(wrong).toEqual(['data folder']);
    expect(findings.find(({ name }) => name === 'data folder')?.found).toContain(dataDir);
    expect(findings.map(({ name }) => name)).toContain('disk');
  });

  it('finds a port in use', async () => {
    const port = await freePort();
    const server = await listenOn(port);
    const { wrong, findings } = await look({ CHATAPP_DATA_DIR: temporaryFolder('doctor'), PORT: String(port) });
    server.close();
    expect(wrong).toEqual(['port of the BFF']);
    expect(findings.find(({ name }) => name === 'port of the BFF')).toMatchObject({
      found: `Port ${port} is in use by another program.`,
      mend: expect.stringContaining(`PORT=${port + 1} bun start`),
    });
  });

  it('tells what a killed start left from what a running copy needs', async () => {
    const dataDir = temporaryFolder('doctor');
    const env = { CHATAPP_DATA_DIR: dataDir, PORT: String(await freePort()) };
    const folder = await claimDataFolder(dataDir);
    const child = Bun.spawn(['sleep', '60']);
    await new RunFileWriter(folder.runFile, folder.processesFile).set('messages', { pid: child.pid, url: '' });

    expect((await look(env)).wrong).toEqual([]);
    folder.release();
    expect((await look(env)).wrong).toEqual(['leftovers']);
    // It may be what holds the port: that is no other program.
    const server = await listenOn(Number(env.PORT));
    expect((await look(env)).wrong).toEqual(['leftovers']);
    server.close();

    child.kill();
    await child.exited;
    expect((await look(env)).wrong).toEqual([]);
  });

  it.each([
    ['database', { DATABASE_URL: 'postgres://owner@127.0.0.1:1/chatapp' }],
    ['Redis', { REDIS_URL: 'redis://127.0.0.1:1' }],
    ['issuer', { OIDC_ISSUER: 'http://127.0.0.1:1' }],
  ])('finds a %s of yours that does not answer', async (name, env) => {
    const { wrong, findings } = await look({ ...(await free()), ...env });
    expect(wrong).toEqual([name]);
    expect(findings.find((finding) => finding.name === name)?.found).toContain(Object.keys(env)[0] ?? '');
  });

  it('finds a Redis of yours that answers', async () => {
    const redis = await testRedis();
    const { wrong, findings } = await look({ ...(await free()), REDIS_URL: redis.url });
    expect(wrong).toEqual([]);
    expect(findings).toContainEqual({ name: 'Redis', state: 'ok', found: 'yours (REDIS_URL), answers' });
    await redis.stop();
  });

  it.each([
    ['SHARDS', 'abc'],
    ['LOG_LEVEL', 'verbose'],
    ['SESSION_IDLE_SECONDS', '9999999'],
    ['ORIGINS', 'http://chat.example.org'],
  ])('finds that a service would refuse %s=%s, and says it once', async (name, value) => {
    const { wrong, findings } = await look({ ...(await free()), [name]: value });
    expect(wrong).toEqual(['services']);
    const found = findings.find((finding) => finding.name === 'services')?.found ?? '';
    expect(found.split(name)).toHaveLength(2);
  });
});
