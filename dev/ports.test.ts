import { afterEach, describe, expect, it } from 'bun:test';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { freePort, holdPort, isPortFree, keptPorts, requirePort } from './ports.ts';
import { readJsonFile } from './private-file.ts';
import { StartError } from './start-error.ts';
import { temporaryFolder } from './testing/temporary.ts';

const servers: Server[] = [];
async function occupy(port: number, host = '127.0.0.1'): Promise<void> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen({ port, host }, resolve));
}
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** What a call of something of ports.ts prints there. */
async function inAnotherProcess(call: string): Promise<{ given: string; errors: string }> {
  const code = `console.log(await (await import(${JSON.stringify(`${import.meta.dir}/ports.ts`)})).${call})`;
  const { stdout, stderr } = Bun.spawn([process.execPath, '-e', code], { stdio: ['ignore', 'pipe', 'pipe'] });
  return { given: await new Response(stdout).text(), errors: await new Response(stderr).text() };
}

describe('isPortFree', () => {
  it.each(['127.0.0.1', '0.0.0.0', '::1'])('sees a program that listens on %s', async (host) => {
    const port = await freePort();
    expect(await isPortFree(port)).toBe(true);
    await occupy(port, host);
    expect(await isPortFree(port)).toBe(false);
  });
});

describe('requirePort', () => {
  const refusalOf = (port: number, code: string) =>
    requirePort(port, async () => code).catch((error: StartError) => error.message);

  it('takes one that is free', async () => {
    await requirePort(await freePort());
  });

  it.each(['127.0.0.1', '::1'])('refuses one where a program listens on %s', async (host) => {
    const port = await freePort();
    await occupy(port, host);
    await expect(requirePort(port)).rejects.toThrow(`Port ${port} is in use`);
  });

  it('names a neighbour that there is', async () => {
    expect(await refusalOf(3000, 'EADDRINUSE')).toContain('PORT=3001 bun start');
    expect(await refusalOf(65_535, 'EADDRINUSE')).toContain('PORT=65534 bun start');
  });

  it('says that one needs rights, and names one that needs none', async () => {
    const said = await refusalOf(80, 'EACCES');
    expect(said).toContain('Port 80 needs rights');
    expect(said).toContain('PORT=8080 bun start');
  });
});

describe('freePort', () => {
  it('gives a port once, to this process or another', async () => {
    const tenPorts = () => {
      let next = 0;
      return () => (next++ % 10) / 10;
    };
    const picked = await Promise.all(Array.from({ length: 4 }, () => freePort(tenPorts())));
    expect(new Set(picked).size).toBe(4);
    const other = await inAnotherProcess(`freePort(() => ${((picked[0] ?? 0) - 20_000) / 10_000})`);
    expect(other.given).toBe('');
    expect(other.errors).toContain('No free port');
  });
});

describe('holdPort', () => {
  it('gives a port to one of those that start at once, before any of them listens', async () => {
    const port = await freePort();
    const held = await Promise.allSettled([holdPort(port), holdPort(port)]);
    expect(held.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    Bun.gc(true);
    expect((await inAnotherProcess(`holdPort(${port})`)).errors).toContain(`Port ${port} is in use`);
  });

  it('gives a port that is in use to nobody', async () => {
    const port = await freePort();
    await occupy(port);
    await expect(holdPort(port)).rejects.toThrow(`Port ${port} is in use`);
  });
});

describe('keptPorts', () => {
  const portsFile = () => join(temporaryFolder('ports'), 'ports.json');

  it('picks each port once and keeps it, and adds those of new parts', async () => {
    const file = portsFile();
    const first = await keptPorts(file, ['redis', 'messages']);
    const second = await keptPorts(file, ['redis', 'messages', 'messages-2']);
    expect(second).toMatchObject(first);
    expect(new Set(Object.values(second)).size).toBe(3);
    expect(await readJsonFile(file)).toEqual(second);
  });

  it('moves a part whose port another program took', async () => {
    const file = portsFile();
    const { redis = 0 } = await keptPorts(file, ['redis']);
    await occupy(redis);
    expect((await keptPorts(file, ['redis'])).redis).not.toBe(redis);
  });

  it('refuses to move a fixed part, and names the port', async () => {
    const file = portsFile();
    const { issuer = 0 } = await keptPorts(file, ['issuer']);
    await occupy(issuer);
    const refusal = await keptPorts(file, ['issuer'], ['issuer']).catch((error) => error);
    expect(refusal).toBeInstanceOf(StartError);
    expect(refusal.message).toContain(String(issuer));
  });
});
