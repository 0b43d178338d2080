import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type clientIds, ensureClientKeys, keyFileOf } from '../keys.ts';
import type { Launch } from '../launch.ts';
import { freePort } from '../ports.ts';
import { type Started, startReady } from '../testing/started.ts';
import { temporaryFolder } from '../testing/temporary.ts';

/** A process of the issuer with a data folder of its own. */
export type IssuerUnderTest = {
  issuer: string;
  publicUrl: string;
  redirectUri: string;
  keyFile(clientId: (typeof clientIds)[number]): string;
  stop(): Promise<void>;
  /** `kill -9`, at once. */
  kill(): void;
  /** Starts it again, on the same port and data. */
  restart(): Promise<void>;
};

/** Starts the issuer as `bun start` does; `publicUrl` is of a BFF, by default of one that is not there. */
export async function issuerUnderTest(
  options: { publicUrl?: string; env?: Record<string, string> } = {},
): Promise<IssuerUnderTest> {
  const folder = temporaryFolder('issuer');
  const keysDir = join(folder, 'keys');
  await mkdir(keysDir, { recursive: true });
  await ensureClientKeys(keysDir);
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const publicUrl = options.publicUrl ?? 'http://localhost:1';
  const launch: Launch = {
    command: [process.execPath, join(import.meta.dir, 'main.ts')],
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      DATA_DIR: join(folder, 'data'),
      KEYS_DIR: keysDir,
      PUBLIC_URL: publicUrl,
      ...options.env,
    },
    stopSignal: 'SIGTERM',
  };
  const start = () => startReady(launch, join(folder, 'log'), async () => (await fetch(`${issuer}/health/ready`)).ok);
  let running: Started = await start();
  return {
    issuer,
    publicUrl,
    redirectUri: `${publicUrl}/bff/callback`,
    keyFile: (clientId) => keyFileOf(keysDir, clientId),
    stop: () => running.stop(),
    kill: () => running.kill(),
    async restart() {
      await running.stop();
      running = await start();
    },
  };
}
