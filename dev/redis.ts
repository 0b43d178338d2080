import { mkdir } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import type { Launch } from './launch.ts';
import { writePrivateFile } from './private-file.ts';
import { type RedisPasswords, redisUsersFile } from './redis-users.ts';
import { StartError } from './start-error.ts';

/** `real` is redis-server from PATH; `js` is js-redis-server from npm, for machines that have none. */
export type RedisKind = 'real' | 'js';

export type RedisOptions = {
  folder: string;
  port: number;
  kind?: RedisKind;
  /** With them nobody gets in without a password, and each service reaches what is its own; js-redis-server knows no users. */
  passwords?: RedisPasswords | undefined;
};

/** The redis-server program on PATH, if there is one that knows our users (7.0: selectors in ACL rules). */
export function redisServerPath(): string | null {
  const path = Bun.which('redis-server');
  if (path === null) return null;
  // "Redis server v=7.0.15 sha=…"
  const version = / v=(\d+\.\d+)/.exec(Bun.spawnSync([path, '--version']).stdout.toString())?.[1];
  return version !== undefined && Number(version) >= 7 ? path : null;
}

/** That program, or what to do where there is none. */
export function requireRedisServer(): string {
  const path = redisServerPath();
  if (path !== null) return path;
  throw new StartError(
    'redis-server 7 or later is not on PATH.',
    'Install it (Debian: `apt-get install redis-server`).',
  );
}

/** How to start a Redis on 127.0.0.1 that keeps all in memory and refuses writes, rather than forgets, when that is full. */
export async function prepareRedis({ folder, port, kind, passwords }: RedisOptions): Promise<Launch> {
  await mkdir(folder, { recursive: true });
  const program = programOf(kind);
  const command =
    program === null
      ? [process.execPath, join(import.meta.dir, 'js-redis.ts'), String(port)]
      : [program, ...serverSettings(port), ...(await userSettings(folder, passwords))];
  return { command, cwd: folder, env: { ...process.env }, stopSignal: 'SIGTERM' };
}

export const redisUrl = (port: number): string => `redis://127.0.0.1:${port}`;

/** Whether the Redis behind the URL answers PING. */
export function answersPing(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = createConnection({ host: hostname, port: Number(port || 6379) });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1_000, () => settle(false));
    socket.once('error', () => settle(false));
    socket.once('connect', () => socket.write('PING\r\n'));
    // "-NOAUTH" is an answer too: the server is up, and the password is its clients' affair.
    socket.once('data', (data) => settle(/^(\+PONG|-NOAUTH)/.test(data.toString())));
  });
}

function programOf(kind: RedisKind | undefined): string | null {
  if (kind === 'js') return null;
  return kind === 'real' ? requireRedisServer() : redisServerPath();
}

function serverSettings(port: number): string[] {
  return [
    ...['--port', String(port), '--bind', '127.0.0.1', '--protected-mode', 'yes'],
    ...['--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction'],
    ...['--daemonize', 'no', '--loglevel', 'notice'],
  ];
}

/** In a file, because everybody on the machine may read the arguments of a process. A Redis that is started again finds it there. */
async function userSettings(folder: string, passwords: RedisPasswords | undefined): Promise<string[]> {
  if (passwords === undefined) return [];
  const file = join(folder, 'users.acl');
  await writePrivateFile(file, redisUsersFile(passwords));
  return ['--aclfile', file];
}
