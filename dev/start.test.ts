// Runs alone: it looks for what a start leaves behind.
import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, holdPort } from './ports.ts';
import { lookUpProcess } from './process-table.ts';
import type { RunFile } from './run-file.ts';
import { eventually } from './testing/eventually.ts';
import { type TestStack, testStack } from './testing/stack.ts';
import { temporaryFolder } from './testing/temporary.ts';

const root = join(import.meta.dir, '..');
const partNames = ['bff', 'conversations', 'issuer', 'messages', 'postgres', 'realtime', 'redis'];
const withHealth = ['bff', 'conversations', 'messages', 'realtime', 'issuer'];
const minute = 60_000;

const pidsOf = (run: RunFile): number[] => Object.values(run).map(({ pid }) => pid ?? 0);
const alive = (pids: readonly number[]): number[] => pids.filter((pid) => lookUpProcess(pid) !== undefined);
const isReady = async (url: string): Promise<boolean> =>
  (await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(1_000) })).ok;

async function allReady(stack: TestStack): Promise<void> {
  const run = await stack.run();
  for (const name of withHealth) {
    await eventually(() => isReady(run[name]?.url ?? ''), { timeoutMs: 15_000, what: `${name} is ready` });
  }
}

/** `bun start` as a person runs it, with its end. */
async function startOnce(env: Record<string, string>): Promise<{ exitCode: number; errors: string }> {
  const child = Bun.spawn([process.execPath, 'run', 'start'], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return { errors: await new Response(child.stderr).text(), exitCode: await child.exited };
}

describe('bun start', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack();
  }, 2 * minute);
  afterAll(() => stack.stop());

  it('says that it is ready on one line, and serves the web client', async () => {
    const lines = (await stack.output()).split('\n').filter((line) => line.startsWith('ready'));
    expect(lines).toEqual([`ready ${stack.url}`]);
    const page = await fetch(stack.url);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toContain('text/html');
  });

  it('names each part, its process and its address in run.json, for the owner alone', async () => {
    const run = await stack.run();
    expect(Object.keys(run).sort()).toEqual(partNames);
    expect(alive(pidsOf(run))).toHaveLength(partNames.length);
    expect((await stat(join(stack.dataDir, 'run.json'))).mode & 0o777).toBe(0o600);
    await allReady(stack);
  });

  it.each(partNames)(
    'starts %s again when it is killed, at its address',
    async (name) => {
      const before = (await stack.run())[name];
      process.kill(before?.pid ?? 0, 'SIGKILL');
      const after = await eventually(async () => {
        const entry = (await stack.run())[name];
        return entry?.pid !== before?.pid && entry;
      });
      expect(after.url).toBe(before?.url ?? '');
      await allReady(stack);
    },
    minute,
  );

  it(
    'keeps its parts running where run.json cannot be written, and writes it as soon as it can be',
    async () => {
      const before = await stack.run();
      const runFile = join(stack.dataDir, 'run.json');
      await rm(runFile);
      await mkdir(runFile);
      process.kill(before.redis?.pid ?? 0, 'SIGKILL');
      await eventually(async () => (await stack.output()).includes('could not be written'));
      await rm(runFile, { recursive: true });
      const after = await eventually(() => stack.run());
      expect(after.redis?.pid).not.toBe(before.redis?.pid);
      await allReady(stack);
    },
    minute,
  );

  it(
    'refuses a second copy on its data folder, and one on its port',
    async () => {
      const sameFolder = await startOnce({ CHATAPP_DATA_DIR: stack.dataDir, PORT: '1' });
      expect(sameFolder.exitCode).toBe(1);
      expect(sameFolder.errors).toContain(stack.dataDir);
      const samePort = await startOnce({ CHATAPP_DATA_DIR: temporaryFolder('second'), PORT: String(stack.port) });
      expect(samePort.exitCode).toBe(1);
      expect(samePort.errors).toContain(`Port ${stack.port} is in use`);
    },
    minute,
  );

  it(
    'stops everything within 5 s, and comes back with the same addresses',
    async () => {
      const before = await stack.run();
      const startedAt = performance.now();
      await stack.stop();
      expect(performance.now() - startedAt).toBeLessThan(5_000);
      expect(alive([stack.pid, ...pidsOf(before)])).toEqual([]);
      expect(existsSync(join(stack.dataDir, 'run.json'))).toBe(false);

      const { dataDir, port } = stack;
      stack = await testStack({ dataDir, port });
      const after = await stack.run();
      for (const name of partNames) expect(after[name]?.url).toBe(before[name]?.url ?? '');
    },
    minute,
  );

  it(
    'ends what a killed start left, and nothing runs twice',
    async () => {
      const left = pidsOf(await stack.run());
      stack.kill();
      await eventually(() => lookUpProcess(stack.pid) === undefined);
      expect(alive(left)).toHaveLength(partNames.length);

      const { dataDir, port } = stack;
      stack = await testStack({ dataDir, port });
      expect(alive(left)).toEqual([]);
      await allReady(stack);
    },
    minute,
  );
});

describe('bun start that fails', () => {
  it(
    'leaves neither processes nor half of a build or a database',
    async () => {
      const dataDir = temporaryFolder('failed');
      const database = join(dataDir, 'postgres');
      let draft = '';
      const isBuilding = () => Bun.spawnSync(['ps', '-eo', 'args']).stdout.includes(draft);
      // It fails the start when the other parts are half way.
      const issuer = Bun.serve({
        port: 0,
        hostname: '127.0.0.1',
        fetch: async () => {
          await eventually(() => isBuilding() && existsSync(join(database, 'data.new')));
          return new Response(null, { status: 500 });
        },
      });
      const hash = join(root, 'web/dist/.hash');
      const built = await readFile(hash);
      // As if the sources had changed.
      await rm(hash);
      const child = Bun.spawn([process.execPath, '--no-env-file', 'dev/start.ts'], {
        cwd: root,
        env: {
          ...process.env,
          CHATAPP_DATA_DIR: dataDir,
          PORT: String(await freePort()),
          OIDC_ISSUER: `http://127.0.0.1:${issuer.port}`,
        },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      draft = `.dist-${child.pid}`;
      const [errors, exitCode] = await Promise.all([new Response(child.stderr).text(), child.exited]);
      await writeFile(hash, built);
      await issuer.stop(true);
      expect([exitCode, errors]).toEqual([1, expect.stringContaining('OIDC_ISSUER names an issuer')]);
      expect(isBuilding()).toBe(false);
      expect(existsSync(join(root, 'web/node_modules', draft))).toBe(false);
      expect((await readdir(database)).filter((name) => !/^(?:programs-|data$)/.test(name))).toEqual([]);
      expect(existsSync(join(dataDir, 'run.json'))).toBe(false);
    },
    minute,
  );

  it('leaves a port to another start that does not listen yet', async () => {
    const port = await freePort();
    await holdPort(port);
    const { exitCode, errors } = await startOnce({ CHATAPP_DATA_DIR: temporaryFolder('second'), PORT: String(port) });
    expect([exitCode, errors]).toEqual([1, expect.stringContaining(`Port ${port} is in use`)]);
  });

  it('leaves no run.json of the start before, whose parts it ended', async () => {
    const dataDir = temporaryFolder('failed');
    const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() });
    await writeFile(join(dataDir, 'run.json'), '{}');
    expect((await startOnce({ CHATAPP_DATA_DIR: dataDir, PORT: String(server.port) })).exitCode).toBe(1);
    expect(existsSync(join(dataDir, 'run.json'))).toBe(false);
    await server.stop(true);
  });
});

describe('bun start --replicas 2', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack({ replicas: 2 });
  }, 2 * minute);
  afterAll(() => stack.stop());

  it('runs and names two of every service, each at an address of its own', async () => {
    const run = await stack.run();
    const second = ['bff', 'conversations', 'messages', 'realtime'].map((name) => `${name}-2`);
    expect(Object.keys(run).sort()).toEqual([...partNames, ...second].sort());
    expect(run.bff?.url).toBe(stack.url);
    expect(new Set(Object.values(run).map(({ url }) => url)).size).toBe(partNames.length + second.length);
    for (const name of [...withHealth, ...second])
      await eventually(() => isReady(run[name]?.url ?? ''), { timeoutMs: 15_000, what: `${name} is ready` });
  });

  it.skipIf(process.platform !== 'linux')('spreads who comes to the one address over both BFFs', async () => {
    const second = (await stack.run())['bff-2']?.url ?? '';
    const asked = async () => {
      const metrics = await (await fetch(`${second}/metrics`)).text();
      return Number(/_count\{[^}]*route="\/health\/live"[^}]*\} (\d+)/.exec(metrics)?.[1] ?? 0);
    };
    const before = await asked();
    // A new connection each: the kernel chooses for a connection, not for a request.
    for (let count = 0; count < 60; count++) await fetch(`${stack.url}/health/live`, { keepalive: false });
    expect((await asked()) - before).toBeWithin(10, 51);
  });

  it.skipIf(process.platform !== 'linux')('still serves at that address when either BFF is killed', async () => {
    for (const name of ['bff', 'bff-2']) {
      const before = (await stack.run())[name]?.pid ?? 0;
      process.kill(before, 'SIGKILL');
      // What the dead one had in hand is reset with it; the next connection goes to the other one.
      await eventually(() => isReady(stack.url), { timeoutMs: 10_000, what: `an answer without ${name}` });
      await eventually(async () => ((await stack.run())[name]?.pid ?? before) !== before, { timeoutMs: 10_000 });
      await allReady(stack);
    }
  });
});
