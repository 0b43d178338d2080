import { describe, expect, it } from 'bun:test';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { claimDataFolder } from './data-folder.ts';
import { examine, type Finding } from './examine.ts';
import { freePort } from './ports.ts';
import { RunFileWriter } from './run-file.ts';
import { temporaryFolder } from './testing/temporary.ts';

const root = join(import.meta.dir, '..');

async function look(env: Record<string, string>): Promise<{ wrong: string[]; findings: Finding[] }> {
  const findings = await examine(root, env);
  return { wrong: findings.filter(({ state }) => state === 'wrong').map(({ name }) => name), findings };
}

describe('examine', () => {
  it('finds nothing wrong on a machine that runs the tests', async () => {
    const { wrong } = await look({ CHATAPP_DATA_DIR: temporaryFolder('doctor'), PORT: String(await freePort()) });
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
    const server = createServer();
    await new Promise<void>((resolve) => server.listen({ port, host: '127.0.0.1' }, resolve));
    const { wrong } = await look({ CHATAPP_DATA_DIR: temporaryFolder('doctor'), PORT: String(port) });
    server.close();
    expect(wrong).toEqual(['port of the BFF']);
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

    child.kill();
    await child.exited;
    expect((await look(env)).wrong).toEqual([]);
  });
});
