import { join } from 'node:path';
import { eventually } from '../../../dev/testing/eventually.ts';
import { reapProcess } from '../../../dev/testing/reaper.ts';
import type { TestService } from './service.ts';

export interface TestProcess {
  readonly url: string;
  readonly pid: number;
  /** `kill -9`, at once. */
  kill(): Promise<void>;
}

/** One more instance of the service, as it is deployed: a process of `main.ts` with nothing but its environment. */
export const testProcess = async (
  { database, issuer }: Pick<TestService, 'database' | 'issuer'>,
  { redisUrl, env = {} }: { redisUrl: string; env?: Record<string, string> },
): Promise<TestProcess> => {
  const child = Bun.spawn([process.execPath, '--no-env-file', join(import.meta.dir, '../src/main.ts')], {
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      DATABASE_URL: database.url,
      DATABASE_POOL_MAX: '6',
      REDIS_URL: redisUrl,
      OIDC_ISSUER: issuer.issuer,
      LEASE_MS: '500',
      INVITATIONS_PER_HOUR: '100000',
      ...env,
    },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const reaped = reapProcess(child.pid);
  const ended = child.exited.then(() => reaped());
  let log = '';
  const keep = async (stream: ReadableStream<Uint8Array>) => {
    for await (const chunk of stream) log = (log + new TextDecoder().decode(chunk)).slice(-20_000);
  };
  void keep(child.stdout);
  void keep(child.stderr);
  let found: string | undefined;
  const urlIn = () => {
    found ??= /"url":"([^"]+)"/.exec(log)?.[1]?.replace(/\/$/, '');
    return found;
  };
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  try {
    await eventually(() => hasEnded() || urlIn() !== undefined, { timeoutMs: 30_000 });
  } finally {
    if (urlIn() === undefined) child.kill('SIGKILL');
  }
  const url = urlIn();
  if (url === undefined) throw new Error(`conversations ended at its start:\n${log}`);
  return {
    url,
    pid: child.pid,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
};
