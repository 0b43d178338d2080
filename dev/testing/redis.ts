import { join } from 'node:path';
import { freePort } from '../ports.ts';
import { answersPing, prepareRedis, type RedisKind, redisServerPath, redisUrl } from '../redis.ts';
import { type Started, startReady } from './started.ts';
import { temporaryFolder } from './temporary.ts';

export type TestRedis = {
  url: string;
  /** Of the process that runs now. */
  readonly pid: number;
  stop(): Promise<void>;
  /** `kill -9`, at once. */
  kill(): void;
  /** After `stop` or `kill`: an empty Redis on the same port. */
  start(): Promise<void>;
};

/** A Redis process of the caller's own; without a kind, redis-server where the machine has it, else js-redis-server. */
export async function testRedis(kind?: RedisKind): Promise<TestRedis> {
  const folder = temporaryFolder('redis');
  const port = await freePort();
  const url = redisUrl(port);
  const launch = await prepareRedis({ folder, port, ...(kind === undefined ? {} : { kind }) });
  const start = (): Promise<Started> => startReady(launch, join(folder, 'log'), () => answersPing(url));
  let running = await start();
  return {
    url,
    get pid() {
      return running.pid;
    },
    stop: () => running.stop(),
    kill: () => running.kill(),
    start: async () => {
      await running.stop();
      running = await start();
    },
  };
}

/** The kinds that contract tests run against; in CI a missing redis-server is a failure, never a skip. */
export function redisKinds(): RedisKind[] {
  if (redisServerPath() !== null || process.env.CI !== undefined) return ['real', 'js'];
  return ['js'];
}
