import { afterEach, describe, expect, it } from 'bun:test';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { freePort, isPortFree, keptPorts, requirePort } from './ports.ts';
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
    const other = Bun.spawn(
      [
        'bun',
        '-e',
        `console.log(await (await import(${JSON.stringify(`${import.meta.dir}/ports.ts`)})).freePort(() => ${((picked[0] ?? 0) - 20_000) / 10_000}))`,
      ],
      { stderr: 'pipe' },
    );
    expect(await new Response(other.stdout).text()).toBe('');
    expect(await new Response(other.stderr).text()).toContain('No free port');
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
