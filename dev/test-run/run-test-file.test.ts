import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { limitOf, runTestFile } from './run-test-file.ts';

const head = "import { expect, it } from 'bun:test';\n";
const files = {
  'green.test.ts': `${head}it('holds', () => {}); it.skip('is left out', () => {}); it.todo('is planned');`,
  'red.test.ts': `${head}it('holds', () => {}); it('fails', () => expect(1).toBe(2));`,
  'proof.test.ts': `${head}it('proves', () => { console.log('12 of 60 cuts'); console.log('{"level":"info"}'); console.error('x'); });`,
  'empty.test.ts': 'export {};',
  'broken.test.ts': "import './missing.ts';",
  'leaves.test.ts': `${head}it('leaves', () => process.exit(0)); it('never runs', () => expect(1).toBe(2));`,
  'crashes.test.ts': `${head}it('crashes', () => process.kill(process.pid, 'SIGKILL'));`,
  'hangs.test.ts': `${head}it('hangs', () => new Promise(() => setInterval(() => {}, 1000)), 60_000);`,
};

describe('runTestFile', () => {
  let root = '';
  let index = 0;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'chatapp-runner-'));
    for (const [name, text] of Object.entries(files)) await writeFile(join(root, name), text);
  });
  afterAll(() => rm(root, { recursive: true }));

  const run = (path: keyof typeof files, signal = new AbortController().signal) =>
    runTestFile({ path, weight: 'light' }, index++, { root, folder: root, env: process.env, signal });

  it('counts what passed and what was left out', async () => {
    expect(await run('green.test.ts')).toMatchObject({
      counts: { passed: 1, failed: 0, skipped: 2 },
      fault: undefined,
    });
  });

  it('keeps what a proof says of itself, without logs', async () => {
    const { said, output } = await run('proof.test.ts');
    expect(said).toEqual(['12 of 60 cuts']);
    expect(output).toContain('"level":"info"');
    expect((await run('green.test.ts')).said).toEqual([]);
  });

  it('counts what failed and shows why', async () => {
    const { counts, output } = await run('red.test.ts');
    expect(counts).toEqual({ passed: 1, failed: 1, skipped: 0 });
    expect(output).toContain('Expected: 2');
  });

  it.each(['empty.test.ts', 'broken.test.ts', 'leaves.test.ts'] as const)(
    'finds the fault of %s, which runs no test to its end',
    async (path) => {
      expect((await run(path)).fault).toStartWith('ran no test to the end');
    },
  );

  it('finds a crash', async () => {
    expect((await run('crashes.test.ts')).fault).toBe('was ended by SIGKILL');
  });

  it('kills what runs when the run is given up', async () => {
    const ending = new AbortController();
    const result = run('hangs.test.ts', ending.signal);
    ending.abort();
    expect((await result).fault).toStartWith('was ended by');
  });
});

describe('limitOf', () => {
  it('is long for what runs the product, and ten times as long for whole proofs', () => {
    const envs = [{}, { PROOF: 'full' }];
    const limits = envs.map((env) => (['light', 'alone'] as const).map((weight) => limitOf({ weight }, env) / 60_000));
    expect(limits).toEqual([
      [4, 20],
      [40, 200],
    ]);
  });
});
