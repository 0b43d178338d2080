import { join } from 'node:path';
import { eventually } from '../../../../dev/testing/eventually.ts';
import { reapProcess } from '../../../../dev/testing/reaper.ts';
import { testShards } from './database.ts';

export interface TestProcess {
  readonly pid: number;
  /** Where it listens; empty where a failpoint was reached before that. */
  readonly url: string;
  kill(signal?: NodeJS.Signals): void;
  /** Resolves when the process has ended, with the signal that ended it. */
  readonly ended: Promise<{ code: number; signal: NodeJS.Signals | null }>;
}

/** The service itself as a process of its own, as it is deployed: `main.ts` with nothing but its environment. */
export const testProcess = async (options: {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly env?: Record<string, string>;
}): Promise<TestProcess> => {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, '../main.ts')], {
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      DATABASE_URL: options.databaseUrl,
      DATABASE_POOL_MAX: '4',
      REDIS_URL: options.redisUrl,
      SHARDS: String(testShards),
      LEASE_MS: '500',
      OIDC_ISSUER: 'http://localhost:9',
      OIDC_CLIENT_KEY_FILE: '/nowhere',
      CONVERSATIONS_URL: 'http://127.0.0.1:9',
      ...options.env,
    },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const reaped = reapProcess(child.pid);
  const ended = child.exited.then((code) => {
    reaped();
    return { code, signal: child.signalCode as NodeJS.Signals | null };
  });
  let log = '';
  const drain = async (stream: ReadableStream<Uint8Array>) => {
    for await (const chunk of stream) log += new TextDecoder().decode(chunk);
  };
  const drained = Promise.all([drain(child.stdout), drain(child.stderr)]);
  const urlIn = () => /"url":"([^"]+)"/.exec(log)?.[1];
  try {
    await eventually(() => child.exitCode !== null || urlIn() !== undefined, { timeoutMs: 60_000 });
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  if (urlIn() === undefined) await drained;
  // Who dies by a signal has started, and may have been quicker than its log.
  const url = urlIn() ?? (child.signalCode === null ? undefined : '');
  if (url === undefined) throw new Error(`messages ended at its start:\n${log}`);
  return { pid: child.pid, url: url.replace(/\/$/, ''), kill: (signal = 'SIGKILL') => child.kill(signal), ended };
};

/** What an instance says of itself; 0 where it says nothing. */
export const meterOf = async (url: string, name: string): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name}\\S* (\\d+)`, 'm').exec(text)?.[1] ?? 0);
};
