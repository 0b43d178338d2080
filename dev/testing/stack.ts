import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../ports.ts';
import type { RunFile } from '../run-file.ts';
import { type Started, startReady } from './started.ts';
import { temporaryFolder } from './temporary.ts';

export type TestStackOptions = {
  /** Processes of each service; 1 unless said, or REPLICAS says it of all tests that say nothing. */
  replicas?: number;
  /** Further environment of every process. */
  env?: Record<string, string>;
  /** A data folder of an earlier stack; a new one unless said. */
  dataDir?: string;
  /** The BFF's port; a free one unless said. */
  port?: number;
};

export type TestStack = {
  /** Of the BFF: `http://localhost:<port>`. */
  url: string;
  port: number;
  dataDir: string;
  /** The supervisor's pid. */
  pid: number;
  /** What `run.json` says now. */
  run(): Promise<RunFile>;
  /** What `bun start` has printed so far. */
  output(): Promise<string>;
  /** SIGTERM, and wait for the end. */
  stop(): Promise<void>;
  /** `kill -9` of the supervisor; its parts stay. */
  kill(): void;
};

// What would replace an embedded part, or is meant for the process that tests.
const hidden = [
  'DATABASE_URL',
  'REDIS_URL',
  'OIDC_ISSUER',
  'OIDC_CLIENT_ID',
  'OIDC_CLIENT_KEY_FILE',
  'PUBLIC_URL',
  'ORIGINS',
];

/** The whole of `bun start` as a child process, on free ports and, unless one is named, in a data folder of its own. */
export async function testStack(options: TestStackOptions = {}): Promise<TestStack> {
  const folder = temporaryFolder('stack');
  const {
    replicas = Number(process.env.REPLICAS ?? 1),
    env = {},
    dataDir = join(folder, 'data'),
    port = await freePort(),
  } = options;
  const log = join(folder, 'start.log');
  const output = (): Promise<string> => readFile(log, 'utf8');
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !hidden.includes(name)));
  const started: Started = await startReady(
    {
      command: [process.execPath, '--no-env-file', 'dev/start.ts', '--replicas', String(replicas)],
      cwd: join(import.meta.dir, '../..'),
      env: { ...inherited, NODE_ENV: 'development', PORT: String(port), CHATAPP_DATA_DIR: dataDir, ...env },
      stopSignal: 'SIGTERM',
    },
    log,
    async () => /^ready /m.test(await output()),
    120_000,
  );
  return {
    url: `http://localhost:${port}`,
    port,
    dataDir,
    pid: started.pid,
    run: async () => JSON.parse(await readFile(join(dataDir, 'run.json'), 'utf8')) as RunFile,
    output,
    stop: started.stop,
    kill: started.kill,
  };
}

/** The processes of one service, every replica. Throws where it has none of ours. */
export async function pidsOf({ run }: TestStack, service: string): Promise<number[]> {
  const ours = Object.entries(await run()).filter(([name]) => name === service || name.startsWith(`${service}-`));
  const pids = ours.flatMap(([, { pid }]) => (pid ? [pid] : []));
  if (pids.length === 0) throw new Error(`${service} is not ours`);
  return pids;
}
